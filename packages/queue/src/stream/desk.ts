import { type CancelTimer, messageOf, type Timers } from '@understudy/runtime';
import type { FetchedJob, LaneTerm } from '../lane.ts';
import { type Persistence, untilAnswered } from '../until-answered.ts';
import { Batches } from './batches.ts';
import type { Consumer } from './consumer.ts';
import { FetchLoop } from './fetch-loop.ts';
import { Shelf } from './shelf.ts';
import {
  type Entry,
  type Holder,
  type MalformedEntry,
  type Notes,
  type OrderKey,
  readEntry,
  StreamJob,
} from './stream-job.ts';

/** What a desk works with. */
export interface DeskParts {
  readonly consumer: Consumer;
  readonly term: LaneTerm;
  /** Where nodes lead: by what the order of jobs is kept. */
  readonly orderKey: OrderKey | undefined;
  readonly maxAttempts: number;
  readonly recoveryLimit: number;
  readonly persistence: Persistence;
  readonly timers: Timers;
  prepare(): Promise<boolean>;
  wait(lastId: string, forMs: number): Promise<void>;
  committed?: ((job: FetchedJob) => Promise<boolean>) | undefined;
  onParked?: ((job: string, reason: string) => void) | undefined;
  onFenced(): void;
}

interface Caller {
  resolve(job: StreamJob | undefined): void;
}

/** Entries that are completed, or given back, in one call at most. */
const MOST = 500;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1000;
const HANDED_BACK_MS = 10;
const JUDGE_AGAIN_MS = 100;

/**
 * What one consumer has in hand, from the fetch of an entry to its end: the desk of one term of a
 * leader, or of the life of a node without one. When the term ends it gives back what nobody began,
 * and settles the rest as it comes.
 */
export class Desk implements Holder {
  readonly loop: FetchLoop;
  readonly #parts: DeskParts;
  readonly #shelf = new Shelf<StreamJob>();
  /** Every entry that the consumer holds as far as this process knows; `null`: it is being parked. */
  readonly #held = new Map<string, StreamJob | null>();
  readonly #callers = new Set<Caller>();
  readonly #later = new Map<StreamJob, CancelTimer>();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #completions: Batches<string, boolean>;
  readonly #returns: Batches<string, boolean>;
  #inHand = 0;
  #slots = 0;
  #handedOut = 0;
  #alone = false;
  #ended = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    const { consumer, term } = parts;
    this.#completions = new Batches((entries) => consumer.acknowledge(entries), MOST);
    this.#returns = new Batches((entries) => consumer.giveBack(entries), MOST);
    this.loop = new FetchLoop({
      fetch: (cursor, count) => consumer.fetch(cursor, count),
      prepare: () => parts.prepare(),
      wait: (lastId, forMs) => parts.wait(lastId, forMs),
      demand: () => ({
        callers: this.#callers.size,
        ready: this.#shelf.ready,
        shelved: this.#shelf.size,
        slots: this.#slots,
        handedOut: this.#handedOut,
      }),
      arrived: (entries, notes) => this.#arrived(entries, notes),
      fenced: () => parts.onFenced(),
      onTrouble: parts.persistence.onTrouble,
      timers: parts.timers,
    });
    if (term.signal.aborted) this.end();
    else term.signal.addEventListener('abort', () => this.end(), { once: true });
  }

  /** How many entries this process knows that the consumer holds. */
  get known(): number {
    return this.#held.size;
  }

  /** Whether nothing is left of it to settle. */
  get done(): boolean {
    return this.#ended && this.#held.size === 0;
  }

  /** The next job; `undefined` when `signal` aborts or the lane is closed. */
  take(signal: AbortSignal): Promise<StreamJob | undefined> {
    if (signal.aborted || this.#parts.persistence.closed.aborted) return Promise.resolve(undefined);
    if (this.#callers.size === 0) {
      const job = this.#next();
      if (job) return Promise.resolve(job);
    }
    return new Promise((resolve) => {
      const caller: Caller = {
        resolve(job) {
          signal.removeEventListener('abort', giveUp);
          resolve(job);
        },
      };
      const giveUp = (): void => {
        if (this.#callers.delete(caller)) caller.resolve(undefined);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#callers.add(caller);
      this.#slots = Math.max(this.#slots, this.#callers.size + this.#inHand);
      this.#serve();
    });
  }

  async complete(job: StreamJob, { fetchNext }: { fetchNext: boolean }) {
    const answer = await this.#until(() => this.#completions.ask(job.queueId));
    this.#settled(job);
    const next = fetchNext ? this.#next() : undefined;
    this.#serve();
    const status = answer === true ? ('completed' as const) : ('lost' as const);
    return next ? { status, next } : { status };
  }

  async handBack(job: StreamJob): Promise<'returned' | 'lost'> {
    if (this.#parts.term.token && !this.#ended) {
      // Nobody else may have it, and those behind it wait: it is tried again in its place.
      await this.#notAlone(job);
      return this.#retry(job, job.failures, HANDED_BACK_MS) ? 'returned' : 'lost';
    }
    const answer = await this.#until(() => this.#returns.ask(job.queueId));
    this.#settled(job);
    this.loop.nudge();
    this.#serve();
    return answer === true ? 'returned' : 'lost';
  }

  async failAttempt(job: StreamJob, error: unknown): Promise<'retry' | 'parked' | 'lost'> {
    const failures = job.failures + 1;
    if (failures >= this.#parts.maxAttempts) return this.park(job, messageOf(error));
    const { consumer } = this.#parts;
    const noted = await this.#until(() => consumer.noteFailures(job.queueId, failures));
    if (noted === true) {
      await this.#notAlone(job);
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
      if (this.#retry(job, failures, pauseMs)) return 'retry';
    }
    this.#settled(job);
    this.#serve();
    return 'lost';
  }

  async park(job: StreamJob, reason: string): Promise<'parked' | 'lost'> {
    const { consumer } = this.#parts;
    const parked = await this.#until(() => consumer.park(job.queueId, reason));
    this.#settled(job);
    this.#serve();
    return parked === true ? 'parked' : 'lost';
  }

  /** Fetches no more and gives back what nobody has begun. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.loop.close();
    const unbegun = this.#shelf.clear();
    for (const [job, cancel] of this.#later) {
      cancel();
      unbegun.push(job);
    }
    this.#later.clear();
    for (const job of unbegun) this.#giveBack(job);
  }

  /** Ends all waiting; resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    this.end();
    for (const caller of [...this.#callers]) {
      this.#callers.delete(caller);
      caller.resolve(undefined);
    }
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #arrived(entries: readonly Entry[], notes: readonly Notes[] | undefined): void {
    const reading = { holder: this, orderKey: this.#parts.orderKey };
    entries.forEach((entry, i) => {
      // A part of what is held is told again where a reply was lost.
      if (this.#held.has(entry[0])) return;
      const job = readEntry(entry, reading, notes?.[i]);
      if (!(job instanceof StreamJob)) this.#parkMalformed(job);
      else {
        this.#held.set(entry[0], job);
        if (this.#ended) this.#giveBack(job);
        else this.#shelf.put(job);
      }
    });
    this.#serve();
  }

  /** Hands jobs to whoever waits, and sees to it that more come. */
  #serve(): void {
    if (this.#ended) return;
    for (const caller of this.#callers) {
      const job = this.#next();
      if (!job) break;
      this.#callers.delete(caller);
      caller.resolve(job);
    }
    const suspect = this.#shelf.peek();
    const free = this.#callers.size > 0 && this.#inHand === 0 && !this.#alone;
    if (suspect && free && this.#isSuspect(suspect)) void this.#beginAlone();
    this.loop.demanded();
  }

  /** The next job that may be handed out: none while a suspect waits for its turn, or has it. */
  #next(): StreamJob | undefined {
    while (!this.#ended && !this.#alone) {
      const job = this.#shelf.peek();
      if (!job || this.#isSuspect(job)) return undefined;
      this.#shelf.shift();
      if (job.condemned === undefined) return this.#handOut(job);
      this.#track(this.#judge(job, job.condemned));
    }
    return undefined;
  }

  #isSuspect({ condemned, recoveries }: StreamJob): boolean {
    return condemned === undefined && recoveries >= this.#parts.recoveryLimit;
  }

  #handOut(job: StreamJob): StreamJob {
    this.#inHand += 1;
    this.#handedOut += 1;
    this.#slots = Math.max(this.#slots, this.#inHand);
    this.loop.demanded();
    return job;
  }

  /** R3: from here on the death of this process counts against this job and no other. */
  async #beginAlone(): Promise<void> {
    const job = this.#shelf.shift();
    if (!job) return;
    this.#alone = true;
    const { consumer } = this.#parts;
    const ours = await this.#until(() => consumer.noteAlone(job.queueId, true));
    const [caller] = this.#callers;
    if (ours !== true) {
      this.#alone = false;
      this.#forget(job);
    } else if (this.#ended) this.#giveBack(job);
    else if (!caller) {
      // Nobody wants it any more: that this process tries it alone is not so.
      await this.#until(() => consumer.noteAlone(job.queueId, false));
      this.#alone = false;
      if (this.#ended) this.#giveBack(job);
      else this.#shelf.again(job);
    } else {
      job.alone = true;
      this.#callers.delete(caller);
      caller.resolve(this.#handOut(job));
    }
    this.#serve();
  }

  /** Whoever took it over decided that it had its chances. The ledger has the last word (C4). */
  async #judge(job: StreamJob, reason: string): Promise<void> {
    const { committed, consumer, onParked, persistence } = this.#parts;
    try {
      if (await committed?.(job)) {
        await this.#until(() => this.#completions.ask(job.queueId));
      } else if ((await this.#until(() => consumer.park(job.queueId, reason))) === true) {
        onParked?.(job.id, reason);
      }
      this.#forget(job);
      this.#serve();
    } catch (error) {
      persistence.onTrouble(error);
      this.#tryLater(job, JUDGE_AGAIN_MS);
    }
  }

  #parkMalformed({ queueId, name, reason }: MalformedEntry): void {
    const { consumer, onParked } = this.#parts;
    this.#held.set(queueId, null);
    const parked = this.#until(() => consumer.park(queueId, reason)).then((answer) => {
      this.#held.delete(queueId);
      if (answer === true) onParked?.(name, reason);
    });
    this.#track(parked);
  }

  async #notAlone(job: StreamJob): Promise<void> {
    if (!job.alone) return;
    await this.#until(() => this.#parts.consumer.noteAlone(job.queueId, false));
  }

  /** Tries a job in hand again after a while, in its place; false when it is not in hand any more. */
  #retry(job: StreamJob, failures: number, pauseMs: number): boolean {
    if (this.#held.get(job.queueId) !== job) return false;
    this.#noMoreInHand(job);
    const again = job.again(failures);
    this.#held.set(job.queueId, again);
    this.#tryLater(again, pauseMs);
    this.#serve();
    return true;
  }

  #tryLater(job: StreamJob, pauseMs: number): void {
    if (this.#ended) {
      this.#giveBack(job);
      return;
    }
    const cancel = this.#parts.timers.after(pauseMs, () => {
      this.#later.delete(job);
      this.#shelf.again(job);
      this.#serve();
    });
    this.#later.set(job, cancel);
  }

  /** Gives a job back that nobody has in hand. */
  #giveBack(job: StreamJob): void {
    const given = this.#until(() => this.#returns.ask(job.queueId));
    this.#track(given.then(() => this.#held.delete(job.queueId)));
  }

  #settled(job: StreamJob): void {
    if (this.#held.get(job.queueId) !== job) return;
    this.#noMoreInHand(job);
    this.#forget(job);
  }

  #noMoreInHand(job: StreamJob): void {
    this.#inHand -= 1;
    if (job.alone) this.#alone = false;
  }

  #forget(job: StreamJob): void {
    this.#held.delete(job.queueId);
    if (!this.#ended) this.#shelf.settled(job);
  }

  #until<T>(ask: () => Promise<T>): Promise<T | 'lost'> {
    return untilAnswered(this.#parts.persistence, ask);
  }

  #track(work: Promise<unknown>): void {
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }
}
