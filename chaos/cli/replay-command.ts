import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { findExperiment } from '../experiments/index.ts';
import type { Experiment } from '../experiments/experiment.ts';
import { renderRun } from '../report/run-report.ts';
import {
  type EarlierRun,
  pinnedSteps,
  readEarlierRun,
  settingsOfEarlier,
  subjectOfEarlier,
} from '../runner/earlier-run.ts';
import { RUN_FILES, runsDirectory } from '../runner/run-directory.ts';
import { exitStatusOf, worstOf } from './exit-status.ts';
import { makeRuns } from './lab-session.ts';
import { unknownName } from './nearest.ts';
import { quoted } from './repeat-words.ts';
import { jobsOf, type RunRequest } from './requests.ts';
import { findRoot } from './root.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

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
  const path = pathOf(given, root, terminal.cwd);
  const earlier = await readEarlierRun(path);
  const request = await requestOf(earlier, path, flags, terminal);
  const requests = Array.from({ length: flags.repeat ?? 1 }, () => request);
  const page = pageOf(terminal.stdout, terminal.environment);
  const runs = await makeRuns(requests, flags, terminal, ({ result }) => {
    if (flags.reporter === 'text')
      print(terminal, ['', ...renderRun(result, page, terminal.cwd), '']);
  });
  const results = runs.map(({ result }) => result);
  const status = worstOf([
    ...results.map((result) => result.status),
    ...(results.length < requests.length ? (['interrupted'] as const) : []),
  ]);
  if (flags.reporter === 'json') {
    const [only] = results;
    const alone = requests.length === 1 && only !== undefined;
    printJson(terminal, alone ? only : { schemaVersion: 1, status, runs: results });
  }
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

/** A run is called by its name, or by the path of its directory or of a schedule. */
function pathOf(given: string, root: string, cwd: string): string {
  const named = join(runsDirectory(root), given);
  if (basename(given) === given && existsSync(named)) return named;
  const path = resolve(cwd, given);
  if (existsSync(path)) return path;
  throw new UsageError(unknownRun(given, root));
}

const RUNS_NAMED = 10;

function unknownRun(given: string, root: string): string {
  const directory = runsDirectory(root);
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const runs = names.filter((name) => existsSync(join(directory, name, RUN_FILES.schedule)));
  const latest = runs.sort().slice(-RUNS_NAMED);
  return `${unknownName('run', given, latest)} Runs are kept in ${directory}.`;
}
