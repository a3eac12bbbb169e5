import { resolve } from 'node:path';
import { findExperiment } from '../experiments/index.ts';
import type { Experiment } from '../experiments/experiment.ts';
import { renderRun } from '../report/run-report.ts';
import { suiteOfMissing, suiteOfRun } from '../report/suite.ts';
import {
  type EarlierRun,
  pinnedSteps,
  readEarlierRun,
  settingsOfEarlier,
  subjectOfEarlier,
} from '../runner/earlier-run.ts';
import { exitStatusOf, worstOf } from './exit-status.ts';
import { makeRuns } from './lab-session.ts';
import { quoted } from './repeat-words.ts';
import { startReporting } from './reporting.ts';
import { jobsOf, type RunRequest } from './requests.ts';
import { findRoot } from './root.ts';
import type { RunFlags } from './run-flags.ts';
import { pathOfRun } from './run-path.ts';
import { pageOf, print, type Terminal } from './terminal.ts';

/** The options of `replay`. */
export interface ReplayFlags extends Pick<
  RunFlags,
  'reporter' | 'quiet' | 'redis' | 'lockRedis' | 'input' | 'repeat'
> {
  readonly roles?: boolean;
}

/**
 * `understudy replay`: injects again what an earlier run did, on the nodes it really hit, and says
 * how faithfully that could be done.
 * @returns the exit status
 */
export async function replayCommand(
  given: string,
  flags: ReplayFlags,
  terminal: Terminal,
): Promise<number> {
  const root = findRoot(terminal.cwd);
  const path = pathOfRun(given, root, terminal.cwd);
  const earlier = await readEarlierRun(path);
  const request = await requestOf(earlier, path, flags, terminal);
  const requests = Array.from({ length: flags.repeat ?? 1 }, () => request);
  const page = pageOf(terminal.stdout, terminal.environment);
  const { reporter: reporters } = flags;
  const title = 'understudy replay';
  const reporting = startReporting({ reporters, terminal, title, leavesRuns: true });
  const runs = await makeRuns(requests, flags, terminal, ({ result, directory }) => {
    if (reporting.text) print(terminal, ['', ...renderRun(result, page, terminal.cwd), '']);
    reporting.ended(suiteOfRun(result), directory);
  });
  const results = runs.map(({ result }) => result);
  const missing = requests.length - results.length;
  const status = worstOf([
    ...results.map((result) => result.status),
    ...(missing > 0 ? (['interrupted'] as const) : []),
  ]);
  const suites = results.map(suiteOfRun);
  reporting.finish([...suites, ...(missing > 0 ? [suiteOfMissing(missing)] : [])], () => {
    const [only] = results;
    const alone = requests.length === 1 && only !== undefined;
    return alone ? only : { schemaVersion: 1, status, runs: results };
  });
  return exitStatusOf(status);
}

async function requestOf(
  earlier: EarlierRun,
  path: string,
  flags: ReplayFlags,
  { cwd, environment }: Terminal,
): Promise<RunRequest> {
  const { plan } = earlier;
  const jobs = await jobsOf({ ...flags, jobs: plan.jobs.count }, cwd);
  const root = findRoot(cwd);
  const subject = await subjectOfEarlier(earlier, { path, root });
  const roles = flags.roles === true ? ['--roles'] : [];
  const input = flags.input === undefined ? [] : ['--input', resolve(cwd, flags.input)];
  return {
    experiment: experimentOf(plan.experiment),
    settings: settingsOfEarlier(earlier, { jobs, environment, path, root }),
    steps: flags.roles === true ? plan.steps : pinnedSteps(earlier),
    replayOf: earlier,
    ...(subject ? { subject } : {}),
    repeat: ['npx', 'understudy', 'replay', path, ...input, ...roles].map(quoted).join(' '),
  };
}

/** The experiment of that name; where there is none, its schedule is all that is known of it. */
function experimentOf(name: string): Experiment {
  const found = findExperiment(name);
  return {
    name,
    shows: found?.shows ?? 'a schedule that was injected before',
    expects: found?.expects ?? 'what the earlier run expected',
    schedule: () => [],
  };
}
