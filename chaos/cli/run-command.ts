import { formatMs } from '../report/figures.ts';
import { toneOfVerdict, verdictWord } from '../report/verdict-words.ts';
import type { RunResult, Shrunk } from '../report/result.ts';
import { section, verdictLine } from '../report/judgement.ts';
import { type Rate, ratesOf, renderRates } from '../report/rates.ts';
import { renderRun } from '../report/run-report.ts';
import { renderShrunk } from '../report/shrunk-report.ts';
import type { FinishedRun } from '../runner/run-options.ts';
import type { Page } from '../report/layout.ts';
import { renderTable } from '../report/table.ts';
import { exitStatusOf, worstOf } from './exit-status.ts';
import { makeRuns } from './lab-session.ts';
import { modesOf, requestsOf, type RunRequest } from './requests.ts';
import { shrinkRun } from './shrink.ts';
import { modesOfSubject, subjectOf } from './subject-flags.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/**
 * `understudy run`: makes every run that was asked for and reports each.
 * @returns the exit status
 */
export async function runCommand(
  names: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<number> {
  if (flags.shrinkRepeat !== undefined && flags.shrink !== true) {
    throw new UsageError('--shrink-repeat needs --shrink, which makes the smaller schedules');
  }
  const requests = await requestsFor(names, flags, terminal);
  const page = pageOf(terminal.stdout, terminal.environment);
  const runs = await makeRuns(requests, flags, terminal, ({ result }) => {
    if (flags.reporter === 'text')
      print(terminal, ['', ...renderRun(result, page, terminal.cwd), '']);
  });
  const results: RunResult[] = [];
  for (const [index, run] of runs.entries()) {
    const shrunk = await shrunkIf(flags, requests[index], run, terminal);
    results.push(shrunk === undefined ? run.result : { ...run.result, shrunk });
    if (shrunk && flags.reporter === 'text') print(terminal, [...renderShrunk(shrunk, page), '']);
  }
  const missing = requests.length - results.length;
  const status = worstOf([
    ...results.map((result) => result.status),
    ...(missing > 0 ? (['interrupted'] as const) : []),
  ]);
  if (flags.reporter === 'json') printJson(terminal, documentOf(results, requests.length, status));
  else if (requests.length > 1) print(terminal, renderSeveral(results, missing, status, page));
  return exitStatusOf(status);
}

/** The runs that were asked for. What drives containers is loaded when there are any. */
async function requestsFor(
  names: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<readonly RunRequest[]> {
  const { cwd } = terminal;
  const subject = await subjectOf(flags, terminal);
  if (flags.driver === 'docker') {
    if (subject) {
      throw new UsageError(
        '--worker and --system are for processes that the lab starts: leave out --driver docker',
      );
    }
    const { containerRequestsOf } = await import('./container-requests.ts');
    return containerRequestsOf(names, flags, cwd);
  }
  if (flags.project !== undefined || flags.group !== undefined) {
    throw new UsageError('--project and --group are for containers: say --driver docker');
  }
  const modes = subject ? modesOfSubject : modesOf;
  const made = await requestsOf(names, (experiment) => modes(experiment, flags.mode), flags, cwd);
  return subject ? made.map((request) => ({ ...request, subject })) : made;
}

const SHRINK_TIMES = 2;

/** Reduces the schedule of a refuted run, if that is asked for. */
function shrunkIf(
  { shrink, shrinkRepeat = SHRINK_TIMES, ...flags }: RunFlags,
  request: RunRequest | undefined,
  run: FinishedRun,
  terminal: Terminal,
): Promise<Shrunk | undefined> {
  if (shrink !== true || !request) return Promise.resolve(undefined);
  return shrinkRun({
    ...{ request, run, times: shrinkRepeat },
    make: (requests) => makeRuns(requests, { ...flags, quiet: true, keep: false }, terminal),
    say: (text) => void terminal.stderr.write(`${text}\n`),
  });
}

/** What `--reporter json` prints: the document of one run as it is, several in a frame. */
function documentOf(
  results: readonly RunResult[],
  requested: number,
  status: RunResult['status'],
): unknown {
  const [only] = results;
  if (requested === 1 && only) return only;
  const rates = repeatedRates(results);
  return { schemaVersion: 1, status, ...(rates.length === 0 ? {} : { rates }), runs: results };
}

const MEANINGS: Readonly<Record<RunResult['status'], string>> = {
  pass: 'none of these runs refutes it',
  fail: 'at least one of these runs refutes it',
  inconclusive: 'none of these runs refutes it, and at least one says nothing',
  interrupted: 'ended before all runs were made and judged',
};

/** The last words about several runs. */
function renderSeveral(
  results: readonly RunResult[],
  missing: number,
  status: RunResult['status'],
  page: Page,
): string[] {
  const headers = ['experiment', 'mode', 'seed', 'verdict', 'took'];
  const rows = results.map((result) => [
    { text: result.experiment },
    { text: result.mode },
    { text: String(result.seed) },
    { text: verdictWord(result.status), tone: toneOfVerdict(result.status) },
    { text: formatMs(result.durationMs) },
  ]);
  const left = missing > 0 ? [`${missing} of the runs asked for were not made.`] : [];
  return [
    ...renderTable(
      headers.map((header) => ({ header })),
      rows,
      page,
    ),
    ...left,
    ...section(rates(results, page)),
    '',
    ...verdictLine(status, MEANINGS[status], page),
  ];
}

function rates(results: readonly RunResult[], page: Page): string[] {
  const repeated = repeatedRates(results);
  return repeated.length === 0 ? [] : renderRates(repeated, page);
}

/** Rates are told of what was made more than once. */
function repeatedRates(results: readonly RunResult[]): Rate[] {
  return ratesOf(results).filter(({ runs }) => runs > 1);
}
