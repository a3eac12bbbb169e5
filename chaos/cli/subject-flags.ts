import { resolve } from 'node:path';
import type { Mode } from '@understudy/history';
import type { Experiment } from '../experiments/experiment.ts';
import { findSystemConfig, loadSystem } from '../subject/system-config.ts';
import type { Subject } from '../subject/subject.ts';
import { modesOf } from './requests.ts';
import type { RunFlags } from './run-flags.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** What makes sense beside `--worker` alone, and how it is written. */
const OF_A_WORKER = {
  contract: '--contract',
  cwd: '--cwd',
  env: '--env',
  queue: '--queue',
  prefix: '--prefix',
} as const satisfies Partial<Record<keyof RunFlags, string>>;

/**
 * What is to be put on stage in place of this repository's worker; undefined where nothing was said.
 * @throws {UsageError} when options do not go together
 * @throws {SystemUnusable} when there is no system, or it cannot be used
 */
export async function subjectOf(
  flags: RunFlags,
  { cwd, environment }: Pick<Terminal, 'cwd' | 'environment'>,
): Promise<Subject | undefined> {
  const system = flags.system === true || flags.config !== undefined;
  if (system && flags.worker !== undefined) {
    throw new UsageError(
      '--worker and --system (or --config) are two ways to say what is run: give one',
    );
  }
  if (flags.lane !== undefined && (system || flags.worker !== undefined)) {
    const instead = system
      ? 'where the jobs of a system are, its hooks say'
      : 'say --contract of a worker of your own';
    throw new UsageError(`--lane is about this repository's worker: leave it out; ${instead}`);
  }
  if (flags.worker === undefined) {
    const [stray] = Object.entries(OF_A_WORKER).filter(
      ([name]) => flags[name as keyof typeof OF_A_WORKER] !== undefined,
    );
    if (stray) {
      const other = system ? '; the config says it of a system' : '';
      throw new UsageError(
        `${stray[1]} is about a worker of your own: say --worker "<command>"${other}`,
      );
    }
  }
  if (system) {
    const config = flags.config === undefined ? findSystemConfig(cwd) : resolve(cwd, flags.config);
    return { system: await loadSystem(config), config };
  }
  return flags.worker === undefined ? undefined : workerOf(flags.worker, flags, cwd, environment);
}

function workerOf(
  command: string,
  { contract, cwd: asked, env = [], queue, prefix }: RunFlags,
  cwd: string,
  environment: Terminal['environment'],
): Subject {
  const variables = env.map(([name, value = environment[name]]) => {
    if (value !== undefined) return [name, value] as const;
    throw new UsageError(
      `--env ${name} hands over the value that ${name} has here, and it has none`,
    );
  });
  return {
    worker: {
      command,
      cwd: resolve(cwd, asked ?? '.'),
      env: Object.fromEntries(variables),
      ...(contract === undefined ? {} : { contract }),
      ...(queue === undefined ? {} : { queue }),
      ...(prefix === undefined ? {} : { prefix }),
    },
  };
}

/** The modes in which a subject is run: the lab knows of none that one's own worker has. */
export function modesOfSubject(experiment: Experiment, asked: Mode | undefined): readonly Mode[] {
  return modesOf(experiment, asked ?? 'active-active');
}
