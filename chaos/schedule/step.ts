/**
 * Whom a step hits, as a role that is resolved when it fires:
 *
 * - `leader`: the node that says it is active with the highest epoch. Where nobody leads
 *   (active-active, uncoordinated) it is the node with most attempts in flight, and the history
 *   says so.
 * - `standby`: a running node that is not the leader.
 * - `any`: a running node, picked by the seed.
 * - `all`: every node; the plan holds one step a node.
 * - `node-2`: that node.
 */
export type Target = 'leader' | 'standby' | 'any' | 'all' | `node-${number}`;

/**
 * When a step fires: `at` counts from the first job's enqueueing; `after-effects` waits until so
 * many effects were seen in the log; `when` waits for a state of the fleet, then `afterMs` more.
 */
export type Trigger =
  | { readonly kind: 'at'; readonly atMs: number }
  | { readonly kind: 'after-effects'; readonly count: number }
  | {
      readonly kind: 'when';
      readonly condition: 'leader' | 'healthy';
      readonly afterMs?: number;
    };

/** The faults there are; one file each in `chaos/faults`. */
export type FaultName = 'kill' | 'stop' | 'pause';

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
}
