import { connect, groupKeys } from '@understudy/redis';
import {
  invariant,
  randomId,
  sleep,
  systemClock,
  systemTimers,
  type Timers,
} from '@understudy/runtime';
import { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { BullmqLaneOptions } from './bullmq-lane-options.ts';
import { FetchPump } from './fetch-pump.ts';
import { HeldLocks } from './held-locks.ts';
import { Intake } from './intake.ts';
import { JobInHand } from './job-in-hand.ts';
import { LaneBackend } from './lane-backend.ts';
import type { Backlog, FetchedJob, Lane, Recovery } from '../lane.ts';
import type { Persistence } from '../until-answered.ts';
import { MarkerWait } from './marker-wait.ts';
import { OldestOutstanding } from './oldest-outstanding.ts';
import { readBacklog } from './read-backlog.ts';
import { RecoveryCall } from './recovery.ts';
import { scripts } from './scripts.ts';
import { failWithBullmq, parkWithBullmq, refusalIn, untilAnswered } from './settlement.ts';

const LOCK_DURATION_MS = 30_000;
const STALLED_INTERVAL_MS = 30_000;
const GRACE_MS = 2000;
const CLOSE_LIMIT_MS = 500;

/** A lane over a BullMQ queue, with BullMQ's own scripts. It promises no order. */
export function bullmqLane(options: BullmqLaneOptions): Lane {
  return new BullmqLane(options);
}

class BullmqLane implements Lane {
  readonly #options: BullmqLaneOptions;
  readonly #timers: Timers;
  readonly #redis: Redis;
  readonly #backend: LaneBackend;
  readonly #worker: Worker;
  readonly #markers: MarkerWait;
  readonly #locks: HeldLocks;
  readonly #intake: Intake;
  readonly #pump: FetchPump;
  readonly #recovery: RecoveryCall;
  readonly #oldest: OldestOutstanding;
  readonly #persistence: Persistence;
  readonly #closed = new AbortController();
  readonly #stopStalledCheck: () => void;

  constructor(options: BullmqLaneOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    const clock = options.clock ?? systemClock;
    const { url, queue, incarnation, recoveryLimit = 3, graceMs = GRACE_MS, watch } = options;
    const settings = workerSettings(options);
    const name = `understudy:lane:${options.node}`;
    this.#redis = connect(url, { purpose: 'queue', name, watch });
    this.#worker = new Worker(
      queue,
      null,
      { ...settings, connection: this.#redis },
      (queueName, given) => new LaneBackend(this.#redis, queueName, given),
    );
    this.#worker.on('error', (error) => this.#trouble(error));
    this.#backend = this.#worker.getBackend() as LaneBackend;
    const marker = this.#backend.keys.marker as string;
    // As BullMQ names the blocking connection of a worker: its tools list it as one.
    const workerName = `${this.#backend.clientName()}:w:${incarnation}`;
    const open = (): Redis => connect(url, { purpose: 'queue', name: workerName, watch });
    this.#markers = new MarkerWait(open, marker, this.#timers);
    this.#locks = new HeldLocks(settings.lockDuration, this.#timers, (...locks) =>
      this.#backend.extendLocks(...locks),
    );
    this.#persistence = {
      timers: this.#timers,
      closed: this.#closed.signal,
      onTrouble: (error) => this.#trouble(error),
    };
    this.#intake = new Intake({
      redis: this.#redis,
      backend: this.#backend,
      worker: this.#worker,
      locks: this.#locks,
      persistence: this.#persistence,
      incarnation,
      nonce: (options.newId ?? randomId)(),
      recoveryLimit,
      committed: options.committed,
      onParked: options.onParked,
    });
    this.#pump = new FetchPump({
      fetch: () => this.#intake.fetch(),
      wait: (forMs) => this.#markers.wait(forMs),
      putBack: ({ member, dueAtMs }) => this.#ignore(this.#redis.zadd(marker, dueAtMs, member)),
      handBack: (job) => this.#intake.putBack(job),
      beginAlone: (job) => this.#intake.beginAlone(job),
      onTrouble: (error) => this.#trouble(error),
      clock,
      timers: this.#timers,
    });
    this.#recovery = new RecoveryCall({
      redis: this.#redis,
      group: groupKeys(options.group),
      queue: this.#backend.keys,
      incarnation,
      recoveryLimit,
      graceMs,
      script: options.scripts?.recover ?? scripts.recover,
      knows: (queueId, token) => this.#locks.knows(queueId, token),
      clock,
    });
    this.#oldest = new OldestOutstanding(this.#redis, this.#backend.keys, clock);
    this.#redis.on('ready', () => {
      // Replies may have been lost, and with them jobs and wake-ups.
      this.#recovery.sweepNext();
      this.#pump.nudge();
    });
    this.#stopStalledCheck = this.#timers.every(settings.stalledInterval, () =>
      this.#ignore(this.#backend.moveStalledJobsToWait()),
    );
  }

  /** Who may fetch makes no difference here: whoever does gets a job that nobody else has. */
  begin(): void {}

  fetch(signal: AbortSignal): Promise<FetchedJob | undefined> {
    return this.#pump.take(signal);
  }

  async complete(given: FetchedJob, options: { fetchNext: boolean }) {
    const job = own(given);
    const fetchNext = options.fetchNext && this.#pump.mayFetchAlong;
    let next: JobInHand | undefined;
    const status = await this.#settle(
      job,
      () => this.#backend.complete(job, fetchNext),
      async (delivery) => {
        if (!fetchNext) return;
        const arrival = await this.#intake.arrival(delivery, job.token);
        // Before the job counts as settled: a suspect must not start in between.
        next = this.#pump.cameAlong(arrival);
      },
    );
    if (status === 'lost') return { status };
    return next ? { status: 'completed' as const, next } : { status: 'completed' as const };
  }

  async handBack(given: FetchedJob) {
    const job = own(given);
    const answer = await this.#settle(job, () =>
      this.#backend.moveJobFromActiveToWait(job.queueId, job.token),
    );
    return answer === 'lost' ? answer : 'returned';
  }

  failAttempt(given: FetchedJob, error: unknown) {
    const job = own(given);
    const { maxAttempts = 3 } = this.#options;
    return this.#settle(job, () => failWithBullmq(this.#worker, job, error, maxAttempts));
  }

  park(given: FetchedJob, reason: string) {
    const job = own(given);
    return this.#settle(job, () => parkWithBullmq(this.#worker, job, reason));
  }

  async recover(): Promise<Recovery> {
    const recovery = await this.#recovery.run();
    if (recovery.taken.length + recovery.parked.length > 0) this.#pump.nudge();
    return recovery;
  }

  oldestOutstandingEnqueuedAtMs(): Promise<number | null> {
    return this.#oldest.read();
  }

  backlog(): Promise<Backlog> {
    return readBacklog(this.#redis, this.#backend.keys);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed.signal.aborted) return;
    // What is still on its way goes back to the queue, unless Redis is gone.
    const settled = new AbortController();
    const limit = sleep(this.#timers, CLOSE_LIMIT_MS, settled.signal);
    if (this.#redis.status === 'ready') await Promise.race([this.#pump.close(), limit]);
    else void this.#pump.close();
    settled.abort();
    this.#closed.abort();
    this.#stopStalledCheck();
    this.#locks.close();
    this.#markers.close();
    await this.#worker.close(true);
    this.#redis.disconnect();
  }

  /**
   * Settles a job in hand: afterwards it is nobody's business here, whatever the answer was.
   * @param onAnswer what the answer brought; the job's token counts as in use until it is done
   */
  async #settle<T>(
    job: JobInHand,
    ask: () => Promise<T>,
    onAnswer?: (answer: T) => Promise<void>,
  ): Promise<T | 'lost'> {
    try {
      return await this.#locks.using(job.token, async () => {
        const answer = await untilAnswered(this.#persistence, ask);
        if (answer !== 'lost') await onAnswer?.(answer);
        return answer;
      });
    } catch (error) {
      if (refusalIn(error) !== 'has-children') throw error;
      // BullMQ will not complete a parent before its children: nobody ever could.
      await this.#intake.giveUp(job, 'it waits for children, which this lane does not support');
      return 'lost';
    } finally {
      this.#locks.remove(job);
      // Each delivery counts once, also of a job that was fetched again while this one was in hand.
      if (!job.settled) this.#pump.settled();
      job.settled = true;
    }
  }

  #trouble(error: unknown): void {
    if (!this.#closed.signal.aborted) this.#options.onTrouble?.(error);
  }

  #ignore(promise: Promise<unknown>): void {
    promise.catch((error: unknown) => this.#trouble(error));
  }
}

function workerSettings(options: BullmqLaneOptions) {
  return {
    prefix: options.prefix ?? groupKeys(options.group).queuePrefix,
    // Noted at each job it fetches: recover.lua asks whose it was when the lock is gone.
    name: options.incarnation,
    autorun: false,
    lockDuration: options.lockDurationMs ?? LOCK_DURATION_MS,
    stalledInterval: options.stalledIntervalMs ?? STALLED_INTERVAL_MS,
    // The last net must not fail a job for having been taken back.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
  };
}

function own(job: FetchedJob): JobInHand {
  invariant(job instanceof JobInHand, 'a lane settles only jobs that it fetched');
  return job;
}
