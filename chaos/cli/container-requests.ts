import { readComposeGroups, type ComposeGroup } from '../drivers/docker/compose-project.ts';
import { openEngine } from '../drivers/docker/docker-engine.ts';
import type { Engine } from '../drivers/docker/engine.ts';
import { unknownName } from './nearest.ts';
import { requestsOf, type RunRequest } from './requests.ts';
import { DEFAULT_PROJECT, type RunFlags } from './run-flags.ts';
import { UsageError } from './usage-error.ts';

/** Which containers were asked for. */
export type ContainerFlags = Pick<RunFlags, 'project' | 'group' | 'mode'>;

/**
 * The groups of containers that were asked for, with the engine that runs them.
 * @throws {UsageError} when there is no such group
 * @throws {DockerEngineUnfit} @throws {ComposeProjectUnfit}
 */
export async function groupsAskedFor({
  project = DEFAULT_PROJECT,
  group,
  mode,
}: ContainerFlags): Promise<{ readonly engine: Engine; readonly groups: readonly ComposeGroup[] }> {
  const engine = await openEngine();
  const groups = await readComposeGroups(engine, project);
  const names = groups.map((each) => each.group);
  if (group !== undefined && !names.includes(group)) {
    throw new UsageError(`${unknownName('group', group, names)} (compose project ${project})`);
  }
  const asked = groups.filter(
    (each) =>
      (group === undefined || each.group === group) && (mode === undefined || each.mode === mode),
  );
  if (asked.length > 0) return { engine, groups: asked };
  const known = groups.map((each) => `${each.group} is ${each.mode}`).join(', ');
  throw new UsageError(`no group that was asked for runs in ${mode}: ${known}`);
}

/**
 * Every run on containers that was asked for: each experiment on each group in whose mode it makes
 * sense, with each seed.
 * @throws {UsageError} @throws {InvalidInput} @throws {DockerEngineUnfit}
 * @throws {ComposeProjectUnfit}
 */
export async function containerRequestsOf(
  names: readonly string[],
  flags: RunFlags,
  cwd: string,
): Promise<readonly RunRequest[]> {
  refuseOtherFleets(flags);
  const { engine, groups } = await groupsAskedFor(flags);
  const requests = await Promise.all(
    groups.map(async (group) => {
      const { mode, group: name } = group;
      const made = await requestsOf(
        names,
        ({ modes }) => (modes?.includes(mode) === false ? [] : [mode]),
        { ...flags, group: name, mode },
        cwd,
      );
      return made.map((request) => ({ ...request, containers: { engine, group } }));
    }),
  );
  if (requests.flat().length > 0) return requests.flat();
  const modes = groups.map(({ group, mode }) => `${group} (${mode})`).join(', ');
  throw new UsageError(`${names.join(', ')} makes no sense on ${modes}`);
}

function refuseOtherFleets(flags: RunFlags): void {
  const { redis, lockRedis, keep, shrink, prometheus, serveMetrics, lane } = flags;
  if (lane !== undefined) {
    throw new UsageError(
      '--lane is for fleets of processes: the workers in containers have the lane that they were started with, and the lab enqueues on bullmq there',
    );
  }
  if (prometheus === true) {
    throw new UsageError(
      '--prometheus is for fleets of processes: beside containers a Prometheus of their own runs',
    );
  }
  if (serveMetrics !== undefined) {
    throw new UsageError(
      '--serve-metrics is for fleets of processes: containers serve their metrics within their network, where this process does not reach them, and the Prometheus beside them does',
    );
  }
  if (redis !== undefined || lockRedis !== undefined) {
    throw new UsageError(
      '--redis is for fleets of processes: containers have a Redis of their own',
    );
  }
  if (keep === true) {
    throw new UsageError('--keep is for fleets of processes: containers run on by themselves');
  }
  if (shrink === true) {
    throw new UsageError(
      '--shrink is for fleets of processes: it makes many runs, and each must find a fresh fleet',
    );
  }
}
