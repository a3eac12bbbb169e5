import { answersOf, type ThreeRuns } from './answers.ts';
import { renderComparison } from './checker-table.ts';
import { counted, formatMs, listed } from './figures.ts';
import { renderExplanations } from './explanation-report.ts';
import { toneOfState } from './fleet-table.ts';
import { hanging, type Page, prosePage, wrap } from './layout.ts';
import { modeLabel, type Outcome } from './outcome.ts';
import type { RunResult } from './result.ts';
import { renderTakeovers, section, verdictLine } from './judgement.ts';
import { shortPath } from './run-report.ts';
import { NOT_OBSERVED } from './story-cast.ts';
import { type Story, tellStory } from './story.ts';
import { type Cell, renderTable } from './table.ts';
import { laneWords } from './verdict-words.ts';

/** The three runs of a comparison: what they came to and what their histories show. */
export interface Comparison {
  /** In the order they ran: active-passive, active-active, uncoordinated. */
  readonly results: readonly RunResult[];
  readonly histories: ThreeRuns;
  readonly outcome: Outcome;
}

/** The report of a comparison: table, tracker, answers, checkers, takeovers, paths, verdict. */
export function renderCompare(comparison: Comparison, page: Page, cwd: string): string[] {
  const { results, histories, outcome } = comparison;
  const story = tellStory(histories.passive, histories.active);
  const prose = prosePage(page);
  return [
    ...heading(titleOf(results), page),
    ...stepTable(story, page),
    '',
    ...note(story, prose),
    '',
    ...heading('Status tracker', page),
    ...trackerTable(story, page),
    '',
    ...heading('What it answers', page),
    ...answersOf(histories, story.cast).flatMap(({ question, answer }) => [
      ...wrap(question, prose.columns).map((line) => page.paint('strong', line)),
      ...hanging('  ', answer, prose.columns),
    ]),
    '',
    ...heading('Checkers', page),
    ...renderComparison(
      results.map(({ mode, checkers }) => ({ name: mode, checkers })),
      page,
    ),
    ...section(
      renderTakeovers(
        results.map(({ mode, takeovers }) => ({ name: mode, takeovers })),
        page,
      ),
    ),
    '',
    ...refutations(results, page),
    ...heading('Runs', page),
    ...runTable(results, page, cwd),
    '',
    ...verdictLine(outcome.status, outcome.meaning, page),
  ];
}

function titleOf(results: readonly RunResult[]): string {
  const [first] = results;
  if (!first) return 'What happened';
  const faults = first.faults.map(({ fault }) => fault);
  const about = [
    counted(first.jobs, 'job'),
    `${first.nodes.length} nodes`,
    ...laneWords(first.lane),
    `seed ${first.seed}`,
  ].join(', ');
  return `What happened: ${about}, each time ${listed(faults)}`;
}

function heading(text: string, page: Page): string[] {
  return [...wrap(text, page.columns).map((line) => page.paint('strong', line)), ''];
}

function stepTable({ cast, steps }: Story, page: Page): string[] {
  const headers = ['step', cast.lead, cast.understudy, 'condition', 'action', 'output'];
  const rows = steps.map((row) => [
    { text: String(row.step) },
    stateCell(row.lead),
    stateCell(row.understudy),
    cell(row.condition),
    cell(row.action),
    cell(row.output),
  ]);
  const states = new Set([cast.lead, cast.understudy]);
  const columns = headers.map((header) => ({ header, compact: states.has(header) }));
  return renderTable(columns, rows, page, { ruled: true });
}

function note({ cast }: Story, page: Page): string[] {
  const { lead, understudy, takeover } = cast;
  const roles = takeover
    ? `${lead} led and was killed, ${understudy} took over from it`
    : `${lead} and ${understudy} are shown; no takeover after a kill was observed`;
  const text = `Read from the histories alone. ${roles}. Steps 1 and 2: active-passive; 3 to 5: active-active.`;
  return wrap(text, page.columns).map((line) => page.paint('faint', line));
}

function trackerTable({ cast, tracker }: Story, page: Page): string[] {
  const headers = ['moment', cast.lead, cast.understudy, 'processing'];
  const rows = tracker.map((row) => [
    { text: row.moment },
    stateCell(row.lead),
    stateCell(row.understudy),
    cell(row.processing),
  ]);
  return renderTable(
    headers.map((header) => ({ header })),
    rows,
    page,
  );
}

/** Of the modes that must hold and did not. That the control falls is no riddle. */
function refutations(results: readonly RunResult[], page: Page): string[] {
  const refuted = results.filter(
    ({ mode, explanations = [] }) => mode !== 'uncoordinated' && explanations.length > 0,
  );
  return refuted.flatMap((result) => [
    ...heading(`Refuted: ${modeLabel(result.mode)}`, page),
    ...renderExplanations(result, page),
    '',
  ]);
}

function runTable(results: readonly RunResult[], page: Page, cwd: string): string[] {
  return results.flatMap((result) => [
    ...wrap(`${modeLabel(result.mode)}: ${conclusionOf(result)}`, page.columns),
    page.paint('faint', `  ${shortPath(result.directory, cwd)}`),
  ]);
}

function conclusionOf({ mode, status, durationMs }: RunResult): string {
  const words = { pass: 'not refuted', fail: 'refuted', inconclusive: status, interrupted: status };
  const expected = mode === 'uncoordinated' && status === 'fail' ? ', as it must be' : '';
  return `${words[status]}${expected}, in ${formatMs(durationMs)}`;
}

function stateCell(text: string): Cell {
  return text === NOT_OBSERVED ? cell(text) : { text, tone: toneOfState(text) };
}

function cell(text: string): Cell {
  return text === NOT_OBSERVED ? { text, tone: 'faint' } : { text };
}
