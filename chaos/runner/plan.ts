import { createHash } from 'node:crypto';
import type { Mode } from '@understudy/history';
import { invariant, seededPrng } from '@understudy/runtime';
import type { Experiment } from '../experiments/experiment.ts';
import { InvalidSchedule, InvalidSettings } from '../errors.ts';
import { type CompileOptions, compileSchedule, faultOf } from '../schedule/compile.ts';
import { recheckSteps } from '../schedule/recheck.ts';
import type { PlannedStep, RedisTarget, Step } from '../schedule/step.ts';
import { type PlannedEnqueue, planEnqueues } from '../workload/enqueue-plan.ts';
import type { NodeServers } from './node-environment.ts';
import type { RunSettings } from './settings.ts';

/** Everything about a run that is fixed before it: the same seed gives the same plan. */
export interface Plan {
  readonly experiment: string;
  readonly settings: RunSettings;
  /** `node-1`, `node-2`, … */
  readonly nodes: readonly string[];
  /** The Redis servers: `data`, `lock-1`, … */
  readonly servers: readonly RedisTarget[];
  /** Whether each node reaches Redis through a proxy of its own. */
  readonly proxied: boolean;
  readonly steps: readonly PlannedStep[];
  readonly enqueues: readonly PlannedEnqueue[];
  /** The fleet in containers, where the lab does not start one. */
  readonly found?: FoundFleet;
}

/** As few as can lose one and still agree. */
const LOCK_NODES = 3;

/**
 * Makes the plan of a run. `redis` are servers of the user's own. Steps that were planned before
 * take the place of the experiment's.
 * @param containers the fleet, where it is not started by the lab
 * @throws {InvalidSchedule} when a step cannot be carried out
 * @throws {InvalidSettings} when proxies are asked for where none can stand
 */
export function makePlan(
  experiment: Experiment,
  settings: RunSettings,
  redis: NodeServers | undefined,
  planned?: readonly PlannedStep[],
  containers?: FoundFleet,
): Plan {
  const { mode, ttlMs, rate, seed } = settings;
  const nodes =
    containers?.nodes ?? Array.from({ length: settings.nodes }, (_, i) => `node-${i + 1}`);
  const servers = containers?.servers ?? serversOf(mode, redis);
  const prng = seededPrng(seed);
  const circumstances = circumstancesOf(nodes, servers, redis, containers);
  if (circumstances.tls && (settings.proxies === 'always' || settings.foreign)) {
    throw new InvalidSettings(
      'the run cannot be made as asked: proxies: the Redis given is reached by TLS, and its certificate does not name a proxy',
    );
  }
  const context = {
    mode,
    nodes: settings.nodes,
    ttlMs,
    jobs: settings.jobs.length,
    lastJob: settings.jobs.at(-1)?.id ?? '',
    rate,
    prng: prng.fork('schedule'),
  };
  const steps = planned
    ? recheckSteps(planned, circumstances)
    : compileSchedule(named(experiment.schedule(context), containers), circumstances);
  return {
    experiment: experiment.name,
    settings,
    nodes,
    servers,
    // Of a foreign worker the proxy tells whether it uses the Redis that it was given.
    proxied:
      settings.proxies === 'always' ||
      settings.foreign !== undefined ||
      steps.some((step) => faultOf(step).place === 'link'),
    steps,
    enqueues: planEnqueues(settings.jobs, settings.duplicates, prng.fork('workload')),
    ...(containers ? { found: containers } : {}),
  };
}

/** A fleet that the lab finds, and does not start. */
export interface FoundFleet {
  readonly project: string;
  readonly group: string;
  readonly nodes: readonly string[];
  readonly servers: readonly RedisTarget[];
  /** How every node reaches Redis: through a proxy of its own, or over a network that they share. */
  readonly link: NonNullable<CompileOptions['link']>;
}

/** In a fleet whose nodes have names of their own, `node-2` of a schedule is the second of them. */
function named(steps: readonly Step[], found: FoundFleet | undefined): readonly Step[] {
  if (!found) return steps;
  return steps.map((step) => {
    const place = /^node-(\d+)$/.exec(step.target)?.[1];
    const name = found.nodes[Number(place) - 1];
    return name === undefined ? step : { ...step, target: name as Step['target'] };
  });
}

/** Who does not elect a leader needs no lock nodes. */
function serversOf(mode: Mode, given: NodeServers | undefined): readonly RedisTarget[] {
  if (mode !== 'active-passive') return ['data'];
  const locks = given?.lockUrls.length ?? LOCK_NODES;
  return ['data', ...Array.from({ length: locks }, (_, i): RedisTarget => `lock-${i + 1}`)];
}

/**
 * A fault that is asked for while the plan is carried out, as a step of it.
 * @throws {InvalidSchedule} when it cannot be carried out
 */
export function planByHand(
  { nodes, servers, proxied, found }: Pick<Plan, 'nodes' | 'servers' | 'proxied' | 'found'>,
  redis: NodeServers | undefined,
  { fault, target, parameters }: Pick<Step, 'parameters'> & { fault: string; target: string },
): PlannedStep {
  if (target === 'all' || target === 'same') {
    throw new InvalidSchedule(
      `one fault hits one target, and not ${target}: name leader, standby, any, a node or a Redis server`,
    );
  }
  // A proxy that the plan does without is not talked with.
  const reached = found && { ...found, link: proxied ? found.link : 'network' };
  const step = { trigger: { kind: 'at', atMs: 0 }, fault, target, parameters } as Step;
  const [only] = compileSchedule([step], circumstancesOf(nodes, servers, redis, reached));
  invariant(only, 'one step stays one');
  if (proxied || found || faultOf(only).place !== 'link') return only;
  throw new InvalidSchedule(
    `${fault} ${target} cannot work here: the nodes of this run reach Redis directly, because no fault of its schedule is on a link. Start the run with --proxies.`,
  );
}

function circumstancesOf(
  nodes: readonly string[],
  servers: readonly RedisTarget[],
  given: NodeServers | undefined,
  found: Pick<FoundFleet, 'link'> | undefined,
): CompileOptions {
  if (found) {
    const { link } = found;
    return {
      ...{ nodes, servers, link },
      platform: process.platform,
      driver: 'docker',
      redis: 'container',
    };
  }
  const urls = given ? [given.dataUrl, ...given.lockUrls] : [];
  return {
    nodes,
    servers,
    platform: process.platform,
    redis: given ? 'given' : 'private',
    tls: urls.some((url) => url.startsWith('rediss:')),
  };
}

/**
 * The plan as `schedule.json` keeps it. Jobs are told by their number and digest; of the nodes'
 * extra environment only the names, because values may be secrets.
 */
export function serializePlan({
  experiment,
  settings,
  nodes,
  steps,
  enqueues,
  found,
}: Plan): string {
  const { jobs, environment, lane, ...rest } = settings;
  const document: PlanDocument = {
    experiment,
    mode: settings.mode,
    seed: settings.seed,
    nodes,
    ...(found ? { fleet: { driver: 'docker', project: found.project, group: found.group } } : {}),
    settings: {
      // That of a worker of somebody else's is its contract.
      ...(settings.foreign ? {} : { lane }),
      ...rest,
      environment: Object.keys(environment),
    },
    jobs: { count: jobs.length, sha256: digestOf(jobs) },
    enqueuedTwice: enqueues.flatMap(({ payment, copy }, place) =>
      copy === 2 ? [{ job: payment.id, place }] : [],
    ),
    steps,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** Tells one input from another. */
export function digestOf(jobs: RunSettings['jobs']): string {
  return createHash('sha256').update(JSON.stringify(jobs)).digest('hex');
}

interface PlanDocument {
  experiment: string;
  mode: Mode;
  seed: number;
  nodes: readonly string[];
  fleet?: { driver: 'docker'; project: string; group: string };
  settings: object;
  jobs: { count: number; sha256: string };
  /** `place`: position in the order of enqueueing, from 0. */
  enqueuedTwice: readonly { job: string; place: number }[];
  steps: readonly PlannedStep[];
}
