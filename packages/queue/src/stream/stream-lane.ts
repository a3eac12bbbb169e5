import { connect, type GroupKeys, groupKeys, runScript } from '@understudy/redis';
import { invariant, sleep, systemClock, systemTimers, type Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import type { Backlog, FetchedJob, Lane, LaneTerm, Recovery } from '../lane.ts';
import type { Persistence } from '../until-answered.ts';
import { Consumer } from './consumer.ts';
import { Desk } from './desk.ts';
import { EntryWait } from './entry-wait.ts';
import { streamScripts } from './scripts.ts';
import { type OrderKey, StreamJob } from './stream-job.ts';
import { CONSUMER_GROUP, type StreamKeys, streamKeys } from './stream-keys.ts';
import type { StreamLaneOptions } from './stream-lane-options.ts';
import { StreamRecovery } from './stream-recovery.ts';

const MAX_ATTEMPTS = 3;
const RECOVERY_LIMIT = 3;
const GRACE_MS = 2000;
const UNKNOWN_AFTER_MS = 30_000;
const CLOSE_LIMIT_MS = 500;

/**
 * A lane over a Redis stream and a consumer group. Under a leader it keeps the order of jobs with the
 * same key; where nobody leads it promises none.
 */
export function streamLane(options: StreamLaneOptions): Lane {
  return new StreamLane(options);
}

const accountOf: OrderKey = ({ account }) => (typeof account === 'string' ? account : undefined);

class StreamLane implements Lane {
  readonly #options: StreamLaneOptions;
  readonly #timers: Timers;
  readonly #keys: StreamKeys;
  readonly #group: GroupKeys;
  readonly #redis: Redis;
  readonly #wait: EntryWait;
  readonly #closed = new AbortController();
  readonly #persistence: Persistence;
  /** Those of earlier terms settle what is still in hand. */
  readonly #desks = new Set<Desk>();
  #desk: Desk | undefined;
  #recovery: StreamRecovery | undefined;

  constructor(options: StreamLaneOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
    this.#keys = streamKeys(options);
    this.#group = groupKeys(options.group);
    const { url, node, watch } = options;
    const open = (role: string): Redis =>
      connect(url, { purpose: 'queue', name: `understudy:${role}:${node}`, watch });
    this.#redis = open('lane');
    this.#wait = new EntryWait(() => open('lane-wait'), this.#keys.jobs, this.#timers);
    this.#persistence = {
      timers: this.#timers,
      closed: this.#closed.signal,
      onTrouble: (error) => this.#trouble(error),
    };
    this.#redis.on('ready', () => {
      // Replies may have been lost, and with them jobs.
      this.#recovery?.sweepNext();
      this.#desk?.loop.rescan();
    });
  }

  begin(term: LaneTerm): void {
    for (const desk of this.#desks) if (desk.done) this.#desks.delete(desk);
    const { incarnation, scripts, recoveryLimit = RECOVERY_LIMIT } = this.#options;
    const [redis, keys, group] = [this.#redis, this.#keys, this.#group];
    const fetchScript = scripts?.fetch ?? streamScripts.fetch;
    const { token } = term;
    const consumer = new Consumer({ redis, keys, group, incarnation, token, fetchScript });
    const onFenced = (): void => {
      if (token) this.#options.onFenced?.(token);
    };
    const recovery: StreamRecovery = new StreamRecovery({
      ...{ redis, group, keys, incarnation, consumer, recoveryLimit, onFenced },
      graceMs: this.#options.graceMs ?? GRACE_MS,
      unknownAfterMs: this.#options.unknownAfterMs ?? UNKNOWN_AFTER_MS,
      scripts: { ...streamScripts, ...scripts },
      clock: this.#options.clock ?? systemClock,
      known: () => desk.known,
      onReturned: () => desk.loop.nudge(),
      onUntold: () => desk.loop.rescan(),
    });
    const desk: Desk = new Desk({
      ...{ consumer, term, recoveryLimit, onFenced },
      orderKey: token ? (this.#options.orderKey ?? accountOf) : undefined,
      maxAttempts: this.#options.maxAttempts ?? MAX_ATTEMPTS,
      persistence: this.#persistence,
      timers: this.#timers,
      prepare: () => recovery.claimed(),
      wait: (lastId, forMs) => this.#wait.wait(lastId, forMs),
      committed: this.#options.committed,
      onParked: this.#options.onParked,
    });
    this.#desks.add(desk);
    this.#desk = desk;
    this.#recovery = recovery;
  }

  fetch(signal: AbortSignal): Promise<FetchedJob | undefined> {
    invariant(this.#desk, 'a lane is told under what it works before anything is fetched');
    return this.#desk.take(signal);
  }

  complete(job: FetchedJob, options: { fetchNext: boolean }) {
    return own(job).holder.complete(own(job), options);
  }

  handBack(job: FetchedJob): Promise<'returned' | 'lost'> {
    return own(job).holder.handBack(own(job));
  }

  failAttempt(job: FetchedJob, error: unknown): Promise<'retry' | 'parked' | 'lost'> {
    return own(job).holder.failAttempt(own(job), error);
  }

  park(job: FetchedJob, reason: string): Promise<'parked' | 'lost'> {
    return own(job).holder.park(own(job), reason);
  }

  recover(): Promise<Recovery> {
    invariant(this.#recovery, 'a lane is told under what it works before anything is taken back');
    return this.#recovery.run();
  }

  async oldestOutstandingEnqueuedAtMs(): Promise<number | null> {
    const [oldest] = await this.#redis.xrange(this.#keys.jobs, '-', '+', 'COUNT', 1);
    return oldest ? Number.parseInt(oldest[0], 10) : null;
  }

  async backlog(): Promise<Backlog> {
    const keys = [this.#keys.jobs, this.#keys.parked];
    const answer = await runScript(this.#redis, streamScripts.backlog, keys, [CONSUMER_GROUP]);
    const [waiting, active, parked, ageMs] = answer as [number, number, number, number];
    return {
      jobs: { waiting, active, delayed: 0, parked },
      nextWaitingAgeMs: ageMs < 0 ? null : ageMs,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed.signal.aborted) return;
    // What nobody began goes back to the queue, unless Redis is gone.
    const closing = Promise.all([...this.#desks].map((desk) => desk.close()));
    const settled = new AbortController();
    const limit = sleep(this.#timers, CLOSE_LIMIT_MS, settled.signal);
    if (this.#redis.status === 'ready') await Promise.race([closing, limit]);
    settled.abort();
    this.#closed.abort();
    this.#wait.close();
    this.#redis.disconnect();
  }

  #trouble(error: unknown): void {
    if (!this.#closed.signal.aborted) this.#options.onTrouble?.(error);
  }
}

function own(job: FetchedJob): StreamJob {
  invariant(job instanceof StreamJob, 'a lane settles only jobs that it fetched');
  return job;
}
