import type { Mode } from '@understudy/history';
import { UnderstudyError } from '@understudy/runtime';
import type { Payment } from '../workload/payment.ts';
import type { ForeignWorker } from './foreign-worker.ts';

/** The run that a hook of a system is called for. */
export interface SystemRun {
  /** The run's name; nodes find it in `UNDERSTUDY_GROUP`. */
  readonly run: string;
  readonly mode: Mode;
  /** `node-1`, `node-2`, … */
  readonly nodes: readonly string[];
  /** The private Redis of the run, directly: no fault of a node's link reaches it. */
  readonly redisUrl: string;
  /** What nodes find in `UNDERSTUDY_QUEUE`, `UNDERSTUDY_PREFIX` and `UNDERSTUDY_EFFECTS`. */
  readonly queue: string;
  readonly prefix: string;
  readonly effects: string;
  /** Aborts when the run is over or was given up. */
  readonly signal: AbortSignal;
}

/** A node that is being started. */
export interface StartingNode {
  /** `node-1`. */
  readonly name: string;
  /** Which start of it this is: what it finds in `UNDERSTUDY_INCARNATION`. */
  readonly incarnation: string;
}

/** What the nodes of a system are started as. */
export interface SystemNodes extends Pick<ForeignWorker, 'command' | 'cwd' | 'env'> {
  /** How many are started so. Default: as many as the run is asked for (3). */
  readonly count?: number;
}

/** One thing that a job did, as it stands in the sink. */
export interface SystemEffect {
  /** The job's `id`. */
  readonly job: string;
  /** What the node found in `UNDERSTUDY_NODE_ID`. */
  readonly node?: string | undefined;
  /** Its place in the order of the sink, from 1; of all effects or of none. */
  readonly position?: number | undefined;
  /** The idempotency key under which it was stored. */
  readonly key?: string | undefined;
  /** The epoch and the term under which it was accepted, where the system has leaders. */
  readonly epoch?: number | undefined;
  readonly term?: string | undefined;
  readonly amountCents?: number | undefined;
}

/** Effects, all at once or one by one. */
export type SystemEffects = Iterable<SystemEffect> | AsyncIterable<SystemEffect>;

/**
 * A system of one's own under the lab: any queue, any sink. The lab starts its nodes and calls the
 * hooks in its own process.
 */
export interface System {
  /** What is started: nodes that are all alike, or several kinds, each with its `count`. */
  readonly nodes: SystemNodes | readonly SystemNodes[];
  /**
   * Hands a job to the queue. Resolving means that the queue has it. Rejecting means that nobody
   * knows, unless the error has a property `refused: true` (see `JobRefused`): then it certainly has
   * it not. A job is handed over twice on purpose now and then.
   */
  enqueue(job: Payment, run: SystemRun): unknown;
  /**
   * Everything that jobs of this run have done so far. It is asked again and again while the run
   * goes on, and once more at the end; what was there once must stay.
   */
  readEffects(run: SystemRun): SystemEffects | Promise<SystemEffects>;
  /**
   * Whether a node is ready; asked until it is, for 10 s. Default: ready is who prints a line of the
   * protocol or sends the first command to Redis.
   */
  ready?(node: StartingNode, run: SystemRun): boolean | Promise<boolean>;
  /** The name of the node that leads; undefined while none does. Default: nobody can tell. */
  leader?(run: SystemRun): string | undefined | Promise<string | undefined>;
  /**
   * Ids of the jobs that still wait or are being worked on. Default: nobody can tell, and a job
   * without an effect is undecided instead of lost.
   */
  readPending?(run: SystemRun): readonly string[] | Promise<readonly string[]>;
  /** Called before the nodes are started: for making tables and emptying them. */
  setUp?(run: SystemRun): unknown;
  /** Called when the nodes have ended: for closing connections. */
  tearDown?(run: SystemRun): unknown;
  /**
   * How long after the last heal every job must have taken effect, in ms. Default: 10 s and the time
   * that one node needs for the work.
   */
  readonly livenessBoundMs?: number;
}

/**
 * Thrown by an `enqueue` of one's own when the queue certainly does not have the job: it was not
 * stored, and will not be.
 */
export class JobRefused extends UnderstudyError {
  readonly code = 'JOB_REFUSED';
  readonly retriable = false;
  /** By this the lab knows it, also from another copy of this package. */
  readonly refused = true;
}
