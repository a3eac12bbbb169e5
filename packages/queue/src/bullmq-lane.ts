import { connect, type GroupKeys, groupKeys, runScript } from '@understudy/redis';
import {
  type Clock,
  invariant,
  type NewId,
  randomId,
  sleep,
  systemClock,
  systemTimers,
  type Timers,
} from '@understudy/runtime';
import { Worker, type WorkerOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Arrival, FetchPump } from './fetch-pump.ts';
import { HeldLocks } from './held-locks.ts';
import { JobInHand, type MalformedJob, readJob } from './job-in-hand.ts';
import { type Delivery, LaneBackend } from './lane-backend.ts';
import type { FetchedJob, Lane, Recovery } from './lane.ts';
import { MarkerWait } from './marker-wait.ts';
import { RecoveryCall } from './recovery.ts';
import { scripts } from './scripts.ts';
import { failWithBullmq, parkWithBullmq, refusalIn, untilAnswered } from './settlement.ts';

/** Options of `bullmqLane`. */
export interface BullmqLaneOptions {
  /** The data Redis. */
  readonly url: string;
  readonly group: string;
  /** BullMQ's queue name. */
  readonly queue: string;
  /** BullMQ's prefix. Default: the group's, which carries its hash tag. */
  readonly prefix?: string;
  readonly node: string;
  /** Must be announced (`announceIncarnation`) before the first fetch. */
  readonly incarnation: string;
  /** How long a lock lives unless renewed, in ms. It is renewed three times as often. Default 30 s. */
  readonly lockDurationMs?: number;
  /** Attempts of a job whose own `attempts` is not above one. Default 3. */
  readonly maxAttempts?: number;
  /** How often a job may be taken back from the dead before it is tried alone. Default 3. */
  readonly recoveryLimit?: number;
  /** After a restart of Redis the absent are not judged for that long, in ms. Default 2000. */
  readonly graceMs?: number;
  /** How often BullMQ's own stalled check runs, in ms. Default 30 s. */
  readonly stalledIntervalMs?: number;
  /** C4: asked before a job is given up for its recoveries; true completes it instead. */
  readonly committed?: (job: FetchedJob) => Promise<boolean>;
  /** The lane itself parked a job, named by its id or, when it has none, by the queue's. */
  readonly onParked?: (job: string, reason: string) => void;
  /** Redis refused something. The lane goes on; connections come back by themselves. */
  readonly onTrouble?: (error: unknown) => void;
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly newId?: NewId;
}

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
  readonly #group: GroupKeys;
  readonly #timers: Timers;
  readonly #nonce: string;
  readonly #redis: Redis;
  readonly #backend: LaneBackend;
  readonly #worker: Worker;
  readonly #markers: MarkerWait;
  readonly #locks: HeldLocks;
  readonly #pump: FetchPump;
  readonly #recovery: RecoveryCall;
  readonly #closed = new AbortController();
  readonly #stopStalledCheck: () => void;
  #fetches = 0;

  constructor(options: BullmqLaneOptions) {
    this.#options = options;
    this.#group = groupKeys(options.group);
    this.#timers = options.timers ?? systemTimers;
    this.#nonce = (options.newId ?? randomId)();
    const clock = options.clock ?? systemClock;
    const settings = this.#workerOptions();
    const { incarnation } = options;
    const base64Queue = Buffer.from(options.queue).toString('base64');
    // The names BullMQ gives the connections of its workers: its tools list them.
    const name = `${settings.prefix}:${base64Queue}`;
    this.#redis = connect(options.url, { purpose: 'queue', name });
    this.#worker = new Worker(
      options.queue,
      null,
      { ...settings, connection: this.#redis },
      (queue, given) => new LaneBackend(this.#redis, queue, given as WorkerOptions),
    );
    this.#worker.on('error', (error) => this.#trouble(error));
    this.#backend = this.#worker.getBackend() as LaneBackend;
    const keys = this.#backend.keys;
    const marker = keys.marker as string;
    this.#markers = new MarkerWait(options.url, `${name}:w:${incarnation}`, marker, this.#timers);
    this.#locks = new HeldLocks(settings.lockDuration, this.#timers, (...locks) =>
      this.#backend.extendLocks(...locks),
    );
    this.#pump = new FetchPump({
      fetch: () => this.#fetch(),
      wait: (forMs) => this.#markers.wait(forMs),
      putBack: ({ member, dueAtMs }) => this.#ignore(this.#redis.zadd(marker, dueAtMs, member)),
      handBack: (job) => this.#ignore(this.#returnToQueue(job)),
      beginAlone: (job) => this.#beginAlone(job),
      onTrouble: (error) => this.#trouble(error),
      clock,
      timers: this.#timers,
    });
    const { recoveryLimit = 3, graceMs = GRACE_MS } = options;
    const limits = { recoveryLimit, graceMs };
    this.#recovery = new RecoveryCall(this.#redis, this.#group, keys, incarnation, limits, clock);
    this.#stopStalledCheck = this.#timers.every(settings.stalledInterval, () =>
      this.#ignore(this.#backend.moveStalledJobsToWait()),
    );
  }

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
        const arrival = await this.#arrival(delivery, job.token);
        // Before the job counts as settled: a suspect must not start in between.
        next = this.#pump.cameAlong(arrival);
      },
    );
    if (status === 'lost') return { status };
    return next ? { status: 'completed' as const, next } : { status: 'completed' as const };
  }

  async handBack(given: FetchedJob) {
    const job = own(given);
    const answer = await this.#settle(job, () => this.#moveToHead(job));
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
    const { recovery, own: mine } = await this.#recovery.run();
    // Jobs locked by this process that it knows nothing of: the reply to their fetch was lost.
    const orphans = mine.filter(([queueId, token]) => !this.#locks.knows(queueId, token));
    const returned = await Promise.all(
      orphans.map(async ([queueId, token]) => {
        const gone = this.#backend.moveJobFromActiveToWait(queueId, token).catch(lostOrThrow);
        return (await gone) === 'lost' ? [] : [{ queueId, incarnation: this.#options.incarnation }];
      }),
    );
    return { ...recovery, taken: [...recovery.taken, ...returned.flat()] };
  }

  async oldestOutstandingEnqueuedAtMs(): Promise<number | null> {
    const { keys } = this.#backend;
    const lists = ['active', 'wait', 'prioritized', 'delayed', 'waiting-children'];
    const names = lists.map((list) => keys[list] as string);
    const args = [keys[''] as string];
    const oldest = await runScript(this.#redis, scripts.oldestOutstanding, names, args);
    return oldest === null ? null : Number(oldest);
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

  #workerOptions() {
    const { lockDurationMs, stalledIntervalMs, prefix, incarnation } = this.#options;
    return {
      prefix: prefix ?? this.#group.queuePrefix,
      // Noted at each job it fetches: recover.lua asks whose it was when the lock is gone.
      name: incarnation,
      autorun: false,
      lockDuration: lockDurationMs ?? LOCK_DURATION_MS,
      stalledInterval: stalledIntervalMs ?? STALLED_INTERVAL_MS,
      // The last net must not fail a job for having been taken back.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    };
  }

  async #fetch(): Promise<Arrival> {
    this.#fetches += 1;
    const token = `${this.#options.incarnation}:${this.#nonce}.${this.#fetches}`;
    return this.#locks.using(token, async () =>
      this.#arrival(await this.#backend.fetch(token, this.#options.incarnation), token),
    );
  }

  async #arrival(delivery: Delivery, token: string): Promise<Arrival> {
    if (!delivery.job) {
      return delivery.limitedForMs > 0
        ? { kind: 'limited', forMs: delivery.limitedForMs }
        : { kind: 'nothing', nextDueAtMs: delivery.nextDueAtMs };
    }
    const job = readJob(delivery.job.queueId, token, delivery.job.fields);
    if (!(job instanceof JobInHand)) {
      await this.#parkMalformed(job);
      return { kind: 'skipped' };
    }
    this.#locks.add(job);
    if (job.condemned !== undefined) {
      await this.#judge(job, job.condemned);
      return { kind: 'skipped' };
    }
    const { recoveryLimit = 3 } = this.#options;
    return { kind: 'job', job, suspect: job.recoveries >= recoveryLimit };
  }

  async #parkMalformed({ queueId, token, reason }: MalformedJob): Promise<void> {
    const { keys } = this.#backend;
    const names = ['active', 'failed', 'stalled', 'events'].map((list) => keys[list] as string);
    const job = this.#backend.toKey(queueId);
    const parked = await untilAnswered(this.#persistence, () =>
      runScript(
        this.#redis,
        scripts.parkMalformed,
        [...names, job, `${job}:lock`],
        [queueId, token, reason],
      ),
    );
    if (parked === 1) this.#options.onParked?.(queueId, reason);
  }

  /** Whoever took it back decided that it had its chances. The ledger has the last word (C4). */
  async #judge(job: JobInHand, reason: string): Promise<void> {
    try {
      if (await this.#options.committed?.(job)) {
        await untilAnswered(this.#persistence, () => this.#backend.complete(job, false));
      } else await this.#giveUp(job, reason);
      this.#locks.remove(job);
    } catch (error) {
      await this.#returnToQueue(job);
      throw error;
    }
  }

  async #giveUp(job: JobInHand, reason: string): Promise<void> {
    const ended = await untilAnswered(this.#persistence, () =>
      parkWithBullmq(this.#worker, job, reason),
    );
    if (ended === 'parked') this.#options.onParked?.(job.id, reason);
  }

  async #beginAlone(job: JobInHand): Promise<boolean> {
    const name = this.#backend.toKey(job.queueId);
    const noted = await untilAnswered(this.#persistence, () =>
      runScript(this.#redis, scripts.beginAlone, [name, `${name}:lock`], [job.token]),
    );
    if (noted === 1) return true;
    this.#locks.remove(job);
    return false;
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
      await this.#giveUp(job, 'it waits for children, which this lane does not support');
      return 'lost';
    } finally {
      if (this.#locks.remove(job)) this.#pump.settled();
    }
  }

  /** Puts a job back that was fetched and never delivered. */
  async #returnToQueue(job: JobInHand): Promise<void> {
    await untilAnswered(this.#persistence, () => this.#moveToHead(job));
    this.#locks.remove(job);
  }

  #moveToHead({ queueId, token }: JobInHand): Promise<unknown> {
    return this.#backend.moveJobFromActiveToWait(queueId, token);
  }

  get #persistence() {
    const { signal: closed } = this.#closed;
    return { timers: this.#timers, closed, onTrouble: (error: unknown) => this.#trouble(error) };
  }

  #trouble(error: unknown): void {
    if (!this.#closed.signal.aborted) this.#options.onTrouble?.(error);
  }

  #ignore(promise: Promise<unknown>): void {
    promise.catch((error: unknown) => this.#trouble(error));
  }
}

function own(job: FetchedJob): JobInHand {
  invariant(job instanceof JobInHand, 'a lane settles only jobs that it fetched');
  return job;
}

function lostOrThrow(error: unknown): 'lost' {
  if (refusalIn(error) === 'lost') return 'lost';
  throw error;
}
