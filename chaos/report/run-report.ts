import { relative } from 'node:path';
import { renderCheckers } from './checker-table.ts';
import { counted, firstFew, formatCount, formatMoment, formatMs, listed } from './figures.ts';
import { hanging, type Page, wrap } from './layout.ts';
import type { RunResult } from './result.ts';
import { type Cell, type Column, renderTable } from './table.ts';
import { meaningOf, toneOfVerdict, verdictWord } from './verdict-words.ts';

/** The report of one run, as lines of text. `cwd` shortens the paths a person will copy. */
export function renderRun(result: RunResult, page: Page, cwd: string): string[] {
  return [
    ...title(result, page),
    '',
    ...renderCheckers(result.checkers, page),
    ...section(anomalies(result, page)),
    ...section(takeovers(result.takeovers, page)),
    ...section(faults(result.faults, page)),
    ...section(counts(result, page)),
    ...section(whereToLook(result, page, cwd)),
    '',
    ...verdictLine(result.status, meaningOf(result.status), page),
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

function title(result: RunResult, page: Page): string[] {
  const about = [
    result.experiment,
    result.mode,
    `${result.nodes.length} nodes`,
    counted(result.jobs, 'job'),
    `seed ${result.seed}`,
    formatMs(result.durationMs),
  ];
  return wrap(about.join(' · '), page.columns).map((line) => page.paint('strong', line));
}

/** Of each checker that refused or could not tell: the first anomalies and the jobs concerned. */
function anomalies(result: RunResult, page: Page): string[] {
  return result.checkers.flatMap(({ checker, anomalies: found, totals }) => {
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

const TAKEOVER_COLUMNS: readonly Column[] = [
  { header: 'takeover after' },
  { header: 'from' },
  { header: 'to' },
  { header: 'took', align: 'right' },
  { header: 'limit', align: 'right' },
];

function takeovers(all: RunResult['takeovers'], page: Page): string[] {
  if (all.length === 0) return [];
  return renderTable(TAKEOVER_COLUMNS, all.map(takeoverCells), page);
}

/** The cells of a takeover: cause, from, to, took, limit. */
export function takeoverCells(takeover: RunResult['takeovers'][number]): Cell[] {
  const late = takeover.ms > takeover.limitMs;
  return [
    { text: `${takeover.cause} at ${formatMoment(takeover.at - takeover.ms)}` },
    { text: takeover.from },
    { text: takeover.to },
    {
      text: late ? `${formatMs(takeover.ms)} (late)` : formatMs(takeover.ms),
      tone: late ? 'bad' : undefined,
    },
    { text: formatMs(takeover.limitMs) },
  ];
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

function counts(result: RunResult, page: Page): string[] {
  if (!result.counts) return [];
  const {
    accepted,
    effects,
    ok,
    lost,
    duplicated,
    unexpected,
    recovered,
    pending,
    parked,
    attempts,
  } = result.counts;
  const figures = {
    accepted,
    attempts,
    effects,
    ok,
    lost,
    duplicated,
    unexpected,
    recovered,
    pending,
    parked,
  };
  const text = Object.entries(figures).map(([name, count]) => `${formatCount(count)} ${name}`);
  return hanging('jobs: ', text.join(' · '), page.columns);
}

function whereToLook(result: RunResult, page: Page, cwd: string): string[] {
  const directory = shortPath(result.directory, cwd);
  return [
    ...pathLine('run', directory),
    ...pathLine('judge again', `understudy check ${directory}/history.ndjson`),
    ...(result.status === 'pass' ? [] : pathLine('logs', `${directory}/logs/`)),
    ...hanging(
      'versions: ',
      listed(Object.entries(result.versions).map((pair) => pair.join(' '))),
      page.columns,
    ),
  ];
}

/** A path is not wrapped: it is there to be copied. */
export function pathLine(name: string, path: string): string[] {
  return [`${name}: ${path}`];
}

/** `path` as seen from `cwd`, where that is shorter. */
export function shortPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short !== '' && short.length < path.length ? short : path;
}
