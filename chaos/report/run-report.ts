import { relative } from 'node:path';
import { counted, formatMoment, formatMs, listed } from './figures.ts';
import { renderExplanations } from './explanation-report.ts';
import { renderReplay } from './fidelity.ts';
import { renderJudgement, section, verdictLine } from './judgement.ts';
import { hanging, type Page, wrap } from './layout.ts';
import type { RunResult, SeenByPrometheus } from './result.ts';
import { type Cell, renderTable } from './table.ts';
import { conclusionOf, laneWords } from './verdict-words.ts';

/** The report of one run, as lines of text. `cwd` shortens the paths a person will copy. */
export function renderRun(result: RunResult, page: Page, cwd: string): string[] {
  return [
    ...title(result, page),
    ...section(renderJudgement(result, page)),
    ...section(faults(result.faults, page)),
    ...section(result.replay ? renderReplay(result.replay, page) : []),
    ...section(renderExplanations(result, page)),
    ...section(result.prometheus ? renderSeen(result.prometheus, page) : []),
    ...section((result.notes ?? []).flatMap((text) => hanging('note: ', text, page.columns))),
    ...section(whereToLook(result, page, cwd)),
    '',
    ...verdictLine(result.status, conclusionOf(result), page),
  ];
}

function title(result: RunResult, page: Page): string[] {
  const about = [
    result.experiment,
    result.mode,
    ...laneWords(result.lane),
    result.fleet
      ? `${result.nodes.length} containers of ${result.fleet.project} (${result.fleet.group})`
      : `${result.nodes.length} nodes`,
    counted(result.jobs, 'job'),
    `seed ${result.seed}`,
    formatMs(result.durationMs),
    ...(result.sabotage ? [`sabotage: ${listed(result.sabotage)}`] : []),
  ];
  return wrap(about.join(' · '), page.columns).map((line) => page.paint('strong', line));
}

function faults(all: RunResult['faults'], page: Page): string[] {
  if (all.length === 0) return wrap('faults: none were scheduled', page.columns);
  const headers = ['fault', 'node', 'landed', 'evidence'];
  const rows = all.map((fault): Cell[] => [
    { text: `${fault.id} ${fault.fault}` },
    { text: fault.target ?? `${fault.requested} (nobody)` },
    fault.landed
      ? { text: fault.landedAt === undefined ? 'yes' : formatMoment(fault.landedAt) }
      : { text: 'NO', tone: 'bad' },
    { text: evidenceOf(fault) },
  ]);
  return renderTable(
    headers.map((header) => ({ header })),
    rows,
    page,
  );
}

function evidenceOf(fault: RunResult['faults'][number]): string {
  const unfinished =
    fault.unfinished === undefined ? '' : `; ${counted(fault.unfinished, 'job')} unfinished`;
  const role = fault.role && fault.role !== fault.target ? ` (${fault.role})` : '';
  return `${fault.evidence}${unfinished}${role}`;
}

/** What the dashboard's first panel shows of the run, and whether that is what happened. */
function renderSeen(seen: SeenByPrometheus, page: Page): string[] {
  const differences = [...seen.contradicted, ...seen.unseen];
  const active = seen.active.map(
    ({ node, fromMs, untilMs }) => `${node} ${formatMoment(fromMs)} to ${formatMoment(untilMs)}`,
  );
  const agreement =
    differences.length === 0
      ? `all ${counted(seen.samples, 'point')} agree with the history`
      : `NOT as the history has it: ${differences.join('; ')}`;
  return [
    ...hanging('Prometheus saw active: ', active.join(', ') || 'nobody', page.columns),
    ...hanging('  ', `${agreement}: ${seen.query}`, page.columns),
  ];
}

function whereToLook(result: RunResult, page: Page, cwd: string): string[] {
  const directory = shortPath(result.directory, cwd);
  return [
    ...pathLine('run', directory),
    ...pathLine('report', `${directory}/report.html`),
    ...pathLine('judge again', `npx understudy check ${directory}/history.ndjson`),
    ...(result.status === 'pass' ? [] : pathLine('logs', `${directory}/logs/`)),
    ...hanging(
      'versions: ',
      listed(Object.entries(result.versions).map((pair) => pair.join(' '))),
      page.columns,
    ),
  ];
}

/** A path is not wrapped: it is there to be copied. */
function pathLine(name: string, path: string): string[] {
  return [`${name}: ${path}`];
}

/** `path` as seen from `cwd`, where that is shorter. */
export function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short !== '' && short.length < path.length ? short : path;
}
