import { formatCount, formatMs, listed } from './figures.ts';
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
        `${result.verdict === 'not-applicable' ? 'not judged' : 'observed'}: ${observedOf(result)}`,
      ].join('\n'),
    },
  ]);
  return renderTable(columnsOf(headers), rows, page, { ruled: true });
}

/** Checker by checker, what each of several runs came to. */
export function renderComparison(runs: readonly Judged[], page: Page): string[] {
  const names = [...new Set(runs.flatMap(({ checkers }) => checkers.map((each) => each.checker)))];
  const rows = names.flatMap((name): Row[] => {
    const found = runs.flatMap((run) =>
      run.checkers.flatMap((result) =>
        result.checker === name ? [{ name: run.name, result }] : [],
      ),
    );
    const judged = found.filter(({ result }) => result.verdict !== 'not-applicable');
    return [
      { span: `${name}: ${found[0]?.result.expectation ?? ''}`, tone: 'strong' },
      ...judged.map((each) => [
        { text: `  ${each.name}` },
        { text: verdictWord(each.result.verdict), tone: toneOfVerdict(each.result.verdict) },
        { text: limitOf(each.result) },
        { text: observedOf(each.result) },
      ]),
      ...whereNotApplicable(found.filter((each) => !judged.includes(each))),
    ];
  });
  return renderTable(columnsOf(['  mode', 'verdict', 'limit', 'observed']), rows, page);
}

/** Where a checker does not apply it says why, once for all runs with the same reason. */
function whereNotApplicable(found: readonly { name: string; result: CheckerResult }[]): Row[] {
  const reasons = new Map<string, string[]>();
  for (const { name, result } of found) {
    const reason = observedOf(result);
    reasons.set(reason, [...(reasons.get(reason) ?? []), name]);
  }
  return [...reasons].map(([reason, names]) => ({
    span: `  not applicable to ${listed(names)}: ${reason}`,
    tone: 'faint',
  }));
}

/** What a checker observed; where it had nothing to judge or no finding to show, also why. */
function observedOf({ verdict, observed, reason, anomalies }: CheckerResult): string {
  const text = typeof observed === 'number' ? formatCount(observed) : observed;
  if (reason === undefined || text.includes(reason)) return text;
  if (verdict === 'not-applicable') return reason;
  return anomalies.length === 0 ? `${text} (${reason})` : text;
}

function limitOf({ checker, limit }: CheckerResult): string {
  if (limit === undefined) return '-';
  if (typeof limit === 'string') return limit;
  return isBound(checker) ? formatMs(limit) : formatCount(limit);
}

/** Whether a checker's limit is a time, in ms; that of the others is a count. */
function isBound(checker: CheckerResult['checker']): boolean {
  return checker === 'liveness' || checker === 'steady';
}

function columnsOf(headers: readonly string[]): Column[] {
  return headers.map((header) => ({ header }));
}
