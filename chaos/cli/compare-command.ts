import { join } from 'node:path';
import type { Mode } from '@understudy/history';
import { readChronicle } from '../report/chronicle-file.ts';
import { renderCompare } from '../report/compare-report.ts';
import { suiteOfCompared } from '../report/compare-suites.ts';
import { type Outcome, outcomeOf } from '../report/outcome.ts';
import { suiteOfMissing } from '../report/suite.ts';
import { shortPath } from '../report/run-report.ts';
import { writeReport } from '../runner/report-file.ts';
import { RUN_FILES } from '../runner/run-directory.ts';
import type { FinishedRun } from '../runner/run-options.ts';
import { exitStatusOf } from './exit-status.ts';
import { makeRuns } from './lab-session.ts';
import { startReporting } from './reporting.ts';
import { requestsOf } from './requests.ts';
import { COMPARE_PACE, type RunFlags } from './run-flags.ts';
import { pageOf, print, type Terminal } from './terminal.ts';

const EXPERIMENT = 'failover';
const MODES: readonly Mode[] = ['active-passive', 'active-active', 'uncoordinated'];

/**
 * `understudy compare`: the same schedule in active-passive, in active-active and uncoordinated,
 * and the story that the histories tell.
 * @returns the exit status
 */
export async function compareCommand(flags: RunFlags, terminal: Terminal): Promise<number> {
  const requests = await requestsOf(
    [EXPERIMENT],
    () => MODES,
    { ...COMPARE_PACE, ...flags },
    terminal.cwd,
  );
  const { reporter: reporters } = flags;
  const title = 'understudy compare';
  const reporting = startReporting({ reporters, terminal, title, leavesRuns: true });
  const runs = await makeRuns(requests, flags, terminal, ({ result, directory }) =>
    reporting.ended(suiteOfCompared(result), directory),
  );
  const results = runs.map(({ result }) => result);
  const outcome = outcomeOf(results, MODES.length);
  const [first] = runs;
  const file = first && join(first.directory, RUN_FILES.comparison);
  if (file !== undefined && outcome.status !== 'interrupted') await writeReport(file, runs);
  if (reporting.text) await printComparison(runs, outcome, file, terminal);
  const missing = MODES.length - results.length;
  const suites = results.map(suiteOfCompared);
  reporting.finish([...suites, ...(missing > 0 ? [suiteOfMissing(missing)] : [])], () => ({
    schemaVersion: 1,
    status: outcome.status,
    runs: results,
  }));
  return exitStatusOf(outcome.status);
}

async function printComparison(
  runs: readonly FinishedRun[],
  outcome: Outcome,
  file: string | undefined,
  terminal: Terminal,
): Promise<void> {
  const results = runs.map(({ result }) => result);
  const [passive, active, uncoordinated] = runs;
  if (passive && active && uncoordinated && outcome.status !== 'interrupted') {
    const histories = {
      passive: await readHistoryOf(passive),
      active: await readHistoryOf(active),
      uncoordinated: await readHistoryOf(uncoordinated),
    };
    const page = pageOf(terminal.stdout, terminal.environment);
    print(terminal, ['', ...renderCompare({ results, histories, outcome }, page, terminal.cwd)]);
    if (file !== undefined) print(terminal, [`report: ${shortPath(file, terminal.cwd)}`]);
  } else {
    print(terminal, [`verdict: ${outcome.status}: ${outcome.meaning}`]);
  }
}

function readHistoryOf({ directory }: FinishedRun): ReturnType<typeof readChronicle> {
  return readChronicle(`${directory}/history.ndjson`);
}
