import { renderCheckers } from './checker-table.ts';
import { firstFew, formatCount, formatMoment, formatMs } from './figures.ts';
import { hanging, type Page, wrap } from './layout.ts';
import type { RunResult } from './result.ts';
import { type Cell, type Column, renderTable } from './table.ts';
import { toneOfVerdict, verdictWord } from './verdict-words.ts';

/** What a history was judged to be, whether a run or `check` judged it. */
export type Judgement = Pick<RunResult, 'checkers' | 'counts' | 'takeovers'>;

type Takeover = RunResult['takeovers'][number];

/** Checkers, anomalies, takeovers and counts; nothing of a run that was not judged. */
export function renderJudgement(judgement: Judgement, page: Page): string[] {
  return [
    ...(judgement.checkers.length === 0 ? [] : renderCheckers(judgement.checkers, page)),
    ...section(anomalies(judgement, page)),
    ...section(renderTakeovers([judgement], page)),
    ...section(counts(judgement, page)),
  ];
}

/** The last line of a report: what it all came to. */
export function verdictLine(status: RunResult['status'], meaning: string, page: Page): string[] {
  const tone = toneOfVerdict(status);
  const [first = '', ...rest] = hanging(
    'verdict: ',
    `${verdictWord(status)}: ${meaning}`,
    page.columns,
  );
  return [first, ...rest].map((line) => page.paint(tone, line));
}

/** Blank line and lines, where there are any. */
export function section(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Of each checker that refused or could not tell: the first anomalies and the jobs concerned. */
function anomalies({ checkers }: Judgement, page: Page): string[] {
  return checkers.flatMap(({ checker, anomalies: found, totals }) => {
    const kinds = Object.entries(totals).filter(([, total]) => total > 0);
    return kinds.flatMap(([kind, total]) => {
      const ofKind = found.filter((anomaly) => anomaly.kind === kind);
      const jobs = [...new Set(ofKind.flatMap(({ job }) => (job === undefined ? [] : [job])))];
      const concerned =
        jobs.length > 0 ? `: ${firstFew(jobs, Math.max(total, jobs.length), 10)}` : '';
      return [
        ...wrap(`${checker}: ${formatCount(total)} ${kind}${concerned}`, page.columns).map((line) =>
          page.paint('strong', line),
        ),
        ...ofKind.slice(0, 3).flatMap(({ detail }) => hanging('  ', detail, page.columns)),
      ];
    });
  });
}

const TAKEOVER_HEADERS = ['takeover after', 'from', 'to', 'took', 'limit', 'remark'];
const FIGURES = new Set(['took', 'limit']);

/** Takeovers as a table; those of several runs with the name of each run in front. */
export function renderTakeovers(
  runs: readonly { readonly name?: string; readonly takeovers: RunResult['takeovers'] }[],
  page: Page,
): string[] {
  const named = runs.some(({ name }) => name !== undefined);
  const rows = runs.flatMap(({ name, takeovers }) =>
    takeovers.map((takeover) => [...(named ? [{ text: name ?? '' }] : []), ...cellsOf(takeover)]),
  );
  if (rows.length === 0) return [];
  const columns = [...(named ? ['mode'] : []), ...TAKEOVER_HEADERS].map((header): Column => ({
    header,
    align: FIGURES.has(header) ? 'right' : 'left',
  }));
  const remarked = rows.some((row) => row.at(-1)?.text !== '');
  const shown = remarked ? columns.length : columns.length - 1;
  return renderTable(
    columns.slice(0, shown),
    rows.map((row) => row.slice(0, shown)),
    page,
  );
}

function cellsOf({ cause, from, to, ms, limitMs, at, excused }: Takeover): Cell[] {
  const late = ms > limitMs && excused === undefined;
  return [
    { text: `${cause} at ${formatMoment(at - ms)}` },
    { text: from },
    { text: to },
    { text: formatMs(ms), tone: late ? 'bad' : undefined },
    { text: formatMs(limitMs) },
    { text: excused ?? (late ? 'late' : ''), tone: late ? 'bad' : 'faint' },
  ];
}

const COUNTS_SHOWN = [
  ...(['accepted', 'attempts', 'effects', 'ok', 'lost', 'duplicated'] as const),
  ...(['unexpected', 'recovered', 'pending', 'parked'] as const),
];

/** Whether what was attempted is unknown: there are effects, and no node says what it attempts. */
export function attemptsUntold({
  attempts,
  effects,
}: Pick<NonNullable<Judgement['counts']>, 'attempts' | 'effects'>): boolean {
  return attempts === 0 && effects > 0;
}

function counts({ counts: all }: Judgement, page: Page): string[] {
  if (!all) return [];
  const text = COUNTS_SHOWN.map((name) =>
    name === 'attempts' && attemptsUntold(all)
      ? 'attempts not told'
      : `${formatCount(all[name])} ${name}`,
  );
  return hanging('jobs: ', text.join(' · '), page.columns);
}
