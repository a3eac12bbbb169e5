/** The faults there are; one file each in `chaos/faults`. */
export const FAULT_NAMES = [
  'kill',
  'stop',
  'pause',
  'stall',
  'clock-skew',
  'crash-at',
  'partition',
  'lose-requests',
  'lose-replies',
  'latency',
  'bandwidth',
  'reset',
  'restart',
  'drop-clients',
  'forget-scripts',
  'out-of-memory',
] as const;

/** The name of a fault. */
export type FaultName = (typeof FAULT_NAMES)[number];

/** Where a fault acts: a process of the fleet, a node's connections to Redis, a Redis server. */
export type Place = 'node' | 'link' | 'redis';

/**
 * Whom a step on a node or its link hits, as a role that is resolved when it fires:
 *
 * - `leader`: the node that says it is active with the highest epoch. Where nobody leads
 *   (active-active, uncoordinated) it is the node with most attempts in flight, and the history
 *   says so.
 * - `standby`: a running node that is not the leader.
 * - `any`: a running node, picked by the seed.
 * - `all`: every node; the plan holds one step a node.
 * - `same`: the node that the step before this one in the schedule hit.
 * - `node-2`: that node. Nodes that the lab does not start have names of their own.
 *
 * A role never finds a node that another fault has in its hands. `same` and a name do, as long as
 * the other fault acts at another place: a node is killed behind its partitioned link.
 */
export type NodeTarget = (typeof ROLES)[number] | `node-${number}`;

/** What a node may be asked for as, besides its name. */
export const ROLES = ['leader', 'standby', 'any', 'all', 'same'] as const;

/** Whether a target names a node, and not a role or a Redis server. */
export function isNodeName(target: string): boolean {
  return !isRedisTarget(target) && !(ROLES as readonly string[]).includes(target);
}

/** The Redis server a step hits: that of queue and ledger, or one of the lock nodes. */
export type RedisTarget = 'data' | `lock-${number}`;

/** Whom a step hits. */
export type Target = NodeTarget | RedisTarget;

/** Whether a target names a Redis server. */
export function isRedisTarget(target: string): target is RedisTarget {
  return /^(data|lock-\d+)$/.test(target);
}

/** A state of the fleet that a step may wait for. */
export const CONDITIONS = ['leader', 'leaderless', 'healthy'] as const;

/**
 * When a step fires:
 *
 * - `at` counts from the first job's enqueueing;
 * - `after-effects` waits until so many effects were seen in the log;
 * - `when` waits for a state of the fleet, then `afterMs` more;
 * - `then` waits for the step before this one in the schedule: until its fault `landed` (this one
 *   joins it) or was `healed` (this one follows it), then `afterMs` more.
 */
export type Trigger =
  | { readonly kind: 'at'; readonly atMs: number }
  | { readonly kind: 'after-effects'; readonly count: number }
  | {
      readonly kind: 'when';
      readonly condition: (typeof CONDITIONS)[number];
      readonly afterMs?: number;
    }
  | { readonly kind: 'then'; readonly phase: 'landed' | 'healed'; readonly afterMs?: number };

/** One line of a schedule, as the builders make it and an experiment returns it. */
export interface Step {
  readonly trigger: Trigger;
  readonly fault: FaultName;
  readonly target: Target;
  /** As written: durations may be `'2s'` or milliseconds. Checked when the plan is made. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** A step of a plan: checked, named, its parameters complete and in milliseconds. */
export interface PlannedStep extends Step {
  /** `f1`, `f2`, …; one step on `all` becomes `f1.1`, `f1.2`, … */
  readonly id: string;
  readonly target: Exclude<Target, 'all'>;
  /** The ids of the steps that `then` and `same` speak of; absent where they are not used. */
  readonly previous?: readonly string[];
}
