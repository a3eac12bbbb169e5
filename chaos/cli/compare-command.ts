import { join } from 'node:path';
import type { Mode } from '@understudy/history';
import { readChronicle } from '../report/chronicle-file.ts';
import { renderCompare } from '../report/compare-report.ts';
import { outcomeOf } from '../report/outcome.ts';
import { shortPath } from '../report/run-report.ts';
import { writeReport } from '../runner/report-file.ts';
import { RUN_FILES } from '../runner/run-directory.ts';
import type { FinishedRun } from '../runner/run-options.ts';
import { exitStatusOf } from './exit-status.ts';
import { makeRuns } from './lab-session.ts';
import { requestsOf } from './requests.ts';
import { COMPARE_PACE, type RunFlags } from './run-flags.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';

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
  const runs = await makeRuns(requests, flags, terminal);
  const results = runs.map(({ result }) => result);
  const outcome = outcomeOf(results, MODES.length);
  const [first] = runs;
  const file = first && join(first.directory, RUN_FILES.comparison);
  if (file !== undefined && outcome.status !== 'interrupted') await writeReport(file, runs);
  if (flags.reporter === 'json') {
    printJson(terminal, { schemaVersion: 1, status: outcome.status, runs: results });
    return exitStatusOf(outcome.status);
  }
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
  return exitStatusOf(outcome.status);
}

function readHistoryOf({ directory }: FinishedRun): ReturnType<typeof readChronicle> {
  return readChronicle(`${directory}/history.ndjson`);
}
