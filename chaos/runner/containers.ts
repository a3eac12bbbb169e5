import type { ComposeGroup } from '../drivers/docker/compose-project.ts';
import type { Engine } from '../drivers/docker/engine.ts';
import { InvalidSettings } from '../errors.ts';
import type { Experiment } from '../experiments/experiment.ts';
import { markedEnqueues, type OwnJobs } from '../workload/own-jobs.ts';
import type { FoundFleet, Plan } from './plan.ts';
import { completeSettings, type RequestedSettings, type RunSettings } from './settings.ts';

/** A group of a compose project, and the engine that runs it. */
export interface Containers {
  readonly engine: Engine;
  readonly group: ComposeGroup;
}

/** What an experiment may ask for although the fleet runs already. */
const OF_THE_RUN: readonly (keyof RunSettings)[] = [
  ...(['mode', 'jobs', 'rate', 'duplicates', 'seed'] as const),
  ...(['livenessBoundMs', 'takeoverLimitMs', 'proxies'] as const),
];

/**
 * The settings of a run on containers: what belongs to the run as it was asked for, what belongs to
 * the fleet as its containers were started.
 * @throws {InvalidSettings} when the experiment or the caller needs another fleet
 */
export function settingsInContainers(
  { name, settings: needed = {} }: Pick<Experiment, 'name' | 'settings'>,
  requested: RequestedSettings,
  { mode, group, nodes, settings }: ComposeGroup,
): RequestedSettings {
  if (requested.mode !== mode) {
    throw new InvalidSettings(
      `the group ${group} runs in ${mode}, and the run was asked for in ${requested.mode}`,
    );
  }
  const own = typeof needed === 'function' ? needed(requested.jobs) : needed;
  // A server that keeps its data needs no other; whether it did is seen by what is lost.
  const kept = own.persistence === 'none' ? { persistence: own.persistence } : {};
  const { persistence: _, ...others } = own;
  const asked = Object.entries({ ...others, ...kept, ...requested }).filter(
    ([, value]) => value !== undefined,
  );
  const foreign = asked.filter(([key]) => !(OF_THE_RUN as readonly string[]).includes(key));
  if (foreign.length > 0) {
    throw new InvalidSettings(
      `${name} cannot be run on containers as asked: ${foreign.map(([key]) => key).join(', ')} belongs to how the fleet is started, and the containers of ${group} run already. Run it on processes (without --driver docker), or start the containers so.`,
    );
  }
  const ofTheRun = Object.fromEntries(asked) as Partial<RunSettings>;
  const all = { ...ofTheRun, ...requested, ...settings, nodes: nodes.length };
  return { ...all, takeoverLimitMs: withEngine(completeSettings(all).takeoverLimitMs) };
}

/** The engine and its runtime stand between the lab's request and the signal, and are measured too. */
const ENGINE_MARGIN_MS = 1000;

function withEngine(limitMs: RunSettings['takeoverLimitMs']): RunSettings['takeoverLimitMs'] {
  const limits = Object.entries(limitMs).map(([cause, ms]) => [cause, ms + ENGINE_MARGIN_MS]);
  return Object.fromEntries(limits) as RunSettings['takeoverLimitMs'];
}

/** The fleet as a plan needs it. */
export function foundFleet({ project, group, nodes, servers }: ComposeGroup): FoundFleet {
  return {
    project,
    group,
    nodes: nodes.map(({ name }) => name),
    servers: servers.map(({ name }) => name),
    link: nodes.every(({ proxy }) => proxy) ? 'proxy' : 'network',
  };
}

/** Which containers a run is made on, for its history and its result. */
export interface FleetRecord {
  readonly driver: 'docker';
  readonly project: string;
  readonly group: string;
  /** Node, `proxy of` a node, or Redis server → id of its container. */
  readonly containers: Readonly<Record<string, string>>;
}

/** The same of a group. */
export function fleetRecord({ project, group, nodes, servers }: ComposeGroup): FleetRecord {
  const proxies = nodes.flatMap(({ name, proxy }) =>
    proxy ? [{ name: `proxy of ${name}`, container: proxy }] : [],
  );
  const all = [...nodes, ...proxies, ...servers].map(
    ({ name, container }) => [name, container.id] as const,
  );
  return { driver: 'docker', project, group, containers: Object.fromEntries(all) };
}

/** The same plan with jobs that nobody else has. */
export function withOwnJobs(plan: Plan, own: OwnJobs): Plan {
  const { settings, enqueues } = plan;
  return {
    ...plan,
    settings: { ...settings, jobs: settings.jobs.map((job) => own.mark(job)) },
    enqueues: markedEnqueues(enqueues, own),
  };
}
