import type { DirectionSelection, RedisSelection } from '../faults/link-parameters.ts';
import { type Duration, parseDuration } from './duration.ts';
import type {
  CONDITIONS,
  FaultName,
  NodeTarget,
  RedisTarget,
  Step,
  Target,
  Trigger,
} from './step.ts';

/** How long after its end a node or a Redis server is started again. Default one second. */
export interface RestartParameters {
  restartAfter?: Duration;
}

/** How long a node or a Redis server stands still. Default three seconds. */
export interface PauseParameters {
  for?: Duration;
}

/** How long a Redis server refuses to take anything more. Default one second. */
export interface OutOfMemoryParameters {
  for?: Duration;
}

/** How the event loop is blocked. Default three seconds, the processor left to others. */
export interface StallParameters extends PauseParameters {
  spin?: boolean;
}

/** How a wall clock is shifted. Default a minute ahead, for three seconds, without jumps. */
export interface ClockSkewParameters extends PauseParameters {
  by?: Duration;
  every?: Duration;
}

/** Where a node crashes. Default: on the first passing, for whatever job. */
export interface CrashAtParameters extends RestartParameters {
  failpoint: string;
  passing?: number;
  job?: string;
}

/** How a fault on a node's link is narrowed down. Default: every server, both directions. */
export interface LinkParameters {
  redis?: RedisSelection;
  direction?: DirectionSelection;
}

/** How long nothing gets through. Default three seconds. */
export interface PartitionParameters extends LinkParameters {
  for?: Duration;
}

/** How long what is sent is lost, and on the way to or from which servers. Default 500 ms, all. */
export interface LossParameters {
  for?: Duration;
  redis?: RedisSelection;
}

/** How much later everything arrives, for how long. Default 50 ms and up to 10 ms more, for 3 s. */
export interface LatencyParameters extends LinkParameters {
  for?: Duration;
  delay?: Duration;
  jitter?: Duration;
}

/** How much gets through a second, for how long. Default 20,000 bytes, for 3 s. */
export interface BandwidthParameters extends LinkParameters {
  for?: Duration;
  bytesPerSecond?: number;
}

/** The connections to which servers are reset. Default: to all. */
export interface ResetParameters {
  redis?: RedisSelection;
}

/** What may be done at a moment: `at('2s').kill('leader')`. */
export interface Moment {
  /** SIGKILL to the process group. */
  kill(target: NodeTarget | RedisTarget, parameters?: RestartParameters): Step;
  /** SIGTERM. */
  stop(target: NodeTarget, parameters?: RestartParameters): Step;
  /** SIGSTOP, and SIGCONT when its time is over. */
  pause(target: NodeTarget | RedisTarget, parameters?: PauseParameters): Step;
  /** An orderly end and a new start, on what the server's persistence kept. */
  restart(target: RedisTarget, parameters?: RestartParameters): Step;
  /** The server cuts every connection. */
  dropClients(target: RedisTarget): Step;
  /** The server forgets its scripts. */
  forgetScripts(target: RedisTarget): Step;
  /** The server refuses every write that needs memory. */
  outOfMemory(target: RedisTarget, parameters?: OutOfMemoryParameters): Step;
  /** Blocks the event loop of a Node.js node. */
  stall(target: NodeTarget, parameters?: StallParameters): Step;
  /** Shifts the wall clock of a Node.js node. */
  clockSkew(target: NodeTarget, parameters?: ClockSkewParameters): Step;
  /** SIGKILL at a failpoint, on its n-th passing. */
  crashAt(target: NodeTarget, parameters: CrashAtParameters): Step;
  /** Withholds everything between node and Redis; it arrives late. */
  partition(target: NodeTarget, parameters?: PartitionParameters): Step;
  /** What the node sends does not arrive, and it cannot know. */
  loseRequests(target: NodeTarget, parameters?: LossParameters): Step;
  /** What the node asks is done, and the answer does not come. */
  loseReplies(target: NodeTarget, parameters?: LossParameters): Step;
  /** Everything between node and Redis takes longer. */
  latency(target: NodeTarget, parameters?: LatencyParameters): Step;
  /** Little gets through between node and Redis. */
  bandwidth(target: NodeTarget, parameters?: BandwidthParameters): Step;
  /** Resets the connections between node and Redis, once. */
  reset(target: NodeTarget, parameters?: ResetParameters): Step;
}

/** So long after the first job was enqueued. @throws {InvalidSchedule} */
export function at(moment: Duration): Moment {
  return momentOf({ kind: 'at', atMs: parseDuration(moment) });
}

/** As soon as the effect log holds so many entries. */
export function afterEffects(count: number): Moment {
  return momentOf({ kind: 'after-effects', count });
}

/**
 * As soon as the fleet is in a state: `leader` = a node leads (or works, where nobody leads),
 * `leaderless` = no running node does, `healthy` = every node is up as it should be; then `after`
 * more.
 * @throws {InvalidSchedule}
 */
export function when(condition: (typeof CONDITIONS)[number], after: Duration = 0): Moment {
  return momentOf({ kind: 'when', condition, afterMs: parseDuration(after) });
}

/**
 * In sequence: so long after the fault of the step before this one in the schedule was healed.
 * @throws {InvalidSchedule}
 */
export function onceHealed(after: Duration = 0): Moment {
  return momentOf({ kind: 'then', phase: 'healed', afterMs: parseDuration(after) });
}

/**
 * In parallel: so long after the fault of the step before this one in the schedule landed, while it
 * may still be in force. Together with the target `same` two faults meet on one node.
 * @throws {InvalidSchedule}
 */
export function onceLanded(after: Duration = 0): Moment {
  return momentOf({ kind: 'then', phase: 'landed', afterMs: parseDuration(after) });
}

function momentOf(trigger: Trigger): Moment {
  const step = (fault: FaultName, target: Target, parameters: object = {}): Step => ({
    trigger,
    fault,
    target,
    parameters: { ...parameters },
  });
  return {
    kill: (target, parameters) => step('kill', target, parameters),
    stop: (target, parameters) => step('stop', target, parameters),
    pause: (target, parameters) => step('pause', target, parameters),
    restart: (target, parameters) => step('restart', target, parameters),
    dropClients: (target) => step('drop-clients', target),
    forgetScripts: (target) => step('forget-scripts', target),
    outOfMemory: (target, parameters) => step('out-of-memory', target, parameters),
    stall: (target, parameters) => step('stall', target, parameters),
    clockSkew: (target, parameters) => step('clock-skew', target, parameters),
    crashAt: (target, parameters) => step('crash-at', target, parameters),
    partition: (target, parameters) => step('partition', target, parameters),
    loseRequests: (target, parameters) => step('lose-requests', target, parameters),
    loseReplies: (target, parameters) => step('lose-replies', target, parameters),
    latency: (target, parameters) => step('latency', target, parameters),
    bandwidth: (target, parameters) => step('bandwidth', target, parameters),
    reset: (target, parameters) => step('reset', target, parameters),
  };
}
