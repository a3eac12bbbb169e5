import { formatCount, formatMs } from './figures.ts';
import type { Page } from './layout.ts';
import type { RunResult } from './result.ts';
import { type Column, renderTable, type Row } from './table.ts';
import { toneOfVerdict, verdictWord } from './verdict-words.ts';

/** What one checker found. */
export type CheckerResult = RunResult['checkers'][number];

/** Verdicts to show side by side, under a name: a mode, where several runs are compared. */
export interface Judged {
  readonly name: string;
  readonly checkers: readonly CheckerResult[];
}

// From here on a line holds expectation, limit and observation side by side.
const WIDE_COLUMNS = 140;

/** The checkers of one run, each with expectation, limit and what was observed. */
export function renderCheckers(checkers: readonly CheckerResult[], page: Page): string[] {
  return page.columns >= WIDE_COLUMNS ? wide(checkers, page) : narrow(checkers, page);
}

function wide(checkers: readonly CheckerResult[], page: Page): string[] {
  const headers = ['checker', 'verdict', 'observed', 'limit', 'expectation'];
  const rows = checkers.map((result) => [
    { text: result.checker },
    { text: verdictWord(result.verdict), tone: toneOfVerdict(result.verdict) },
    { text: observedOf(result) },
    { text: limitOf(result) },
    { text: result.expectation, tone: 'faint' as const },
  ]);
  return renderTable(columnsOf(headers), rows, page);
}

function narrow(checkers: readonly CheckerResult[], page: Page): string[] {
  const headers = ['checker', 'verdict', 'expectation, limit, observed'];
  const rows = checkers.map((result) => [
    { text: result.checker },
    { text: verdictWord(result.verdict), tone: toneOfVerdict(result.verdict) },
    {
      text: [
        result.expectation,
        ...(result.limit === undefined ? [] : [`limit: ${limitOf(result)}`]),
        `observed: ${observedOf(result)}`,
      ].join('\n'),
    },
  ]);
  return renderTable(columnsOf(headers), rows, page, { ruled: true });
}

/** Checker by checker, what each of several runs came to. */
export function renderComparison(runs: readonly Judged[], page: Page): string[] {
  const names = [...new Set(runs.flatMap(({ checkers }) => checkers.map((each) => each.checker)))];
  const rows = names.flatMap((name): Row[] => {
    const found = runs.flatMap((run) => {
      const result = run.checkers.find(({ checker }) => checker === name);
      return result ? [{ mode: run.name, result }] : [];
    });
    const [first] = found;
    return [
      { span: `${name}: ${first?.result.expectation ?? ''}`, tone: 'strong' },
      ...found.map(({ mode, result }) => [
        { text: `  ${mode}` },
        { text: verdictWord(result.verdict), tone: toneOfVerdict(result.verdict) },
        { text: limitOf(result) },
        { text: observedOf(result) },
      ]),
    ];
  });
  return renderTable(columnsOf(['  mode', 'verdict', 'limit', 'observed']), rows, page);
}

/** What a checker observed, and why it could not say more. */
export function observedOf(result: CheckerResult): string {
  const observed =
    typeof result.observed === 'number' ? formatCount(result.observed) : result.observed;
  if (result.reason === undefined || observed.includes(result.reason)) return observed;
  return result.verdict === 'not-applicable' ? result.reason : `${observed} (${result.reason})`;
}

function limitOf({ checker, limit }: CheckerResult): string {
  if (limit === undefined) return '-';
  if (typeof limit === 'string') return limit;
  return checker === 'liveness' ? formatMs(limit) : formatCount(limit);
}

function columnsOf(headers: readonly string[]): Column[] {
  return headers.map((header) => ({ header }));
}
