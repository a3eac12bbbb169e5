import { messageOf, PendingWork } from '@understudy/runtime';
import type { Completion, Told } from '../lane.ts';
import { Callers } from '../callers.ts';
import { Custody } from './custody.ts';
import type { DeskParts } from './desk-parts.ts';
import { FetchLoop } from './fetch-loop.ts';
import { Settlements } from './settlements.ts';
import { type MalformedEntry, readEntry } from './read-entry.ts';
import { type Entry, type Holder, type Notes, StreamJob } from './stream-job.ts';

/** Of so many jobs at most the queue is being told while others begin. */
const MOST_UNTOLD = 500;
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
  readonly #custody: Custody;
  readonly #shelf: Custody['shelf'];
  readonly #callers = new Callers<StreamJob>();
  readonly #pending = new PendingWork();
  readonly #settle: Settlements;
  #slots = 0;
  #ended = false;

  constructor(parts: DeskParts) {
    this.#parts = parts;
    const { consumer, term } = parts;
    this.#custody = new Custody(parts.timers);
    this.#shelf = this.#custody.shelf;
    this.#settle = new Settlements(consumer, parts.persistence);
    this.loop = new FetchLoop({
      fetch: (cursor, count) => consumer.fetch(cursor, count),
      prepare: () => parts.prepare(),
      wait: (lastId, forMs) => parts.wait(lastId, forMs),
      demand: () => ({
        callers: this.#callers.size,
        ready: this.#shelf.ready,
        shelved: this.#shelf.size,
        slots: this.#slots,
        suspect: this.#custody.alone || this.#isSuspect(this.#shelf.peek()),
        handedOut: this.#custody.handedOut,
      }),
      arrived: (entries, notes) => this.#arrived(entries, notes),
      fenced: () => parts.onFenced(),
      onTrouble: parts.persistence.onTrouble,
      mostAhead: parts.fetchAhead,
      clock: parts.clock,
      timers: parts.timers,
    });
    if (term.signal.aborted) this.end();
    else term.signal.addEventListener('abort', () => this.end(), { once: true });
  }

  /** How many entries this process knows that the consumer holds. */
  get known(): number {
    return this.#custody.size;
  }

  /** Whether nothing is left of it to settle. */
  get done(): boolean {
    return this.#ended && this.#custody.size === 0;
  }

  /** The next job; `undefined` when `signal` aborts or the lane is closed. */
  take(signal: AbortSignal): Promise<StreamJob | undefined> {
    if (signal.aborted || this.#parts.persistence.closed.aborted) return Promise.resolve(undefined);
    if (this.#callers.size === 0) {
      const job = this.#next();
      if (job) return Promise.resolve(job);
    }
    const served = this.#callers.wait(signal);
    this.#slots = Math.max(this.#slots, this.#callers.size + this.#custody.inHand);
    this.#serve();
    return served;
  }

  /**
   * The next job may begin before the queue knows of this one: its effect stands, and only a death before
   * then has it tried again, as a duplicate. What was tried alone is over when the queue knows (R3).
   */
  async complete(job: StreamJob, { fetchNext }: { fetchNext: boolean }): Promise<Completion> {
    const goesOn = fetchNext && !this.#ended && !job.alone && this.#pending.size < MOST_UNTOLD;
    const telling = this.#tellDone(job, goesOn);
    if (goesOn) this.#pending.add(telling);
    const told = goesOn ? undefined : await telling;
    const next = fetchNext ? this.#next() : undefined;
    this.#serve();
    const completion: Completion = told ? { status: told } : { status: 'under-way', told: telling };
    return next ? { ...completion, next } : completion;
  }

  async handBack(job: StreamJob): Promise<'returned' | 'lost'> {
    if (this.#parts.term.token && !this.#ended) {
      // Nobody else may have it, and those behind it wait: it is tried again in its place.
      await this.#notAlone(job);
      return this.#retry(job, job.failures, HANDED_BACK_MS) ? 'returned' : 'lost';
    }
    const ours = await this.#settle.giveBack(job.queueId);
    this.#custody.settled(job);
    this.loop.nudge();
    this.#serve();
    return ours ? 'returned' : 'lost';
  }

  async failAttempt(job: StreamJob, error: unknown): Promise<'retry' | 'parked' | 'lost'> {
    const failures = job.failures + 1;
    if (failures >= this.#parts.maxAttempts) return this.park(job, messageOf(error));
    if (await this.#settle.noteFailures(job.queueId, failures)) {
      await this.#notAlone(job);
      const pauseMs = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), LONGEST_RETRY_MS);
      if (this.#retry(job, failures, pauseMs)) return 'retry';
    }
    this.#custody.settled(job);
    this.#serve();
    return 'lost';
  }

  async park(job: StreamJob, reason: string): Promise<'parked' | 'lost'> {
    const ours = await this.#settle.park(job.queueId, reason);
    this.#custody.settled(job);
    this.#serve();
    return ours ? 'parked' : 'lost';
  }

  /** Fetches no more and gives back what nobody has begun. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.loop.close();
    for (const job of this.#custody.clear()) this.#giveBack(job);
  }

  /** Ends all waiting; resolves when nothing is on its way any more. */
  async close(): Promise<void> {
    this.end();
    this.#callers.close();
    await this.#pending.over();
  }

  #arrived(entries: readonly Entry[], notes: readonly Notes[] | undefined): void {
    const reading = { holder: this, orderKey: this.#parts.orderKey };
    entries.forEach((entry, i) => {
      // A part of what is held is told again where a reply was lost.
      if (this.#custody.holds(entry[0])) return;
      const job = readEntry(entry, reading, notes?.[i]);
      if (!(job instanceof StreamJob)) this.#parkMalformed(job);
      else {
        this.#custody.take(entry[0], job);
        if (this.#ended) this.#giveBack(job);
        else this.#shelf.put(job);
      }
    });
    this.#serve();
  }

  /** Hands jobs to whoever waits, and sees to it that more come. */
  #serve(): void {
    if (this.#ended) return;
    this.#judgeFirst();
    while (this.#callers.size > 0) {
      const job = this.#next();
      if (!job) break;
      this.#callers.serve(job);
    }
    const suspect = this.#shelf.peek();
    const free = this.#callers.size > 0 && this.#custody.inHand === 0 && !this.#custody.alone;
    if (suspect && free && this.#isSuspect(suspect)) void this.#beginAlone();
    this.loop.demanded();
  }

  /** The next job that may be handed out: none while a suspect waits for its turn, or has it. */
  #next(): StreamJob | undefined {
    if (this.#ended || this.#custody.alone) return undefined;
    this.#judgeFirst();
    const job = this.#shelf.peek();
    if (!job || this.#isSuspect(job)) return undefined;
    this.#shelf.shift();
    return this.#handOut(job);
  }

  /** What is to be given up needs no slot. */
  #judgeFirst(): void {
    for (let job = this.#shelf.peek(); job?.condemned !== undefined; job = this.#shelf.peek()) {
      this.#shelf.shift();
      this.#pending.add(this.#judge(job, job.condemned));
    }
  }

  #isSuspect(job: StreamJob | undefined): boolean {
    if (!job || job.condemned !== undefined) return false;
    return job.recoveries >= this.#parts.recoveryLimit;
  }

  #handOut(job: StreamJob): StreamJob {
    this.#custody.handOut(job);
    this.#slots = Math.max(this.#slots, this.#custody.inHand);
    this.loop.demanded();
    return job;
  }

  /** @param goesOn whether its place may be taken by the next before the queue knows */
  async #tellDone(job: StreamJob, goesOn: boolean): Promise<Told> {
    const isHeld = goesOn && this.#custody.done(job);
    const ours = await this.#settle.complete(job.queueId);
    if (isHeld) this.#custody.drop(job.queueId);
    else if (!goesOn) this.#custody.settled(job);
    return ours ? 'completed' : 'lost';
  }

  /** R3: from here on the death of this process counts against this job and no other. */
  async #beginAlone(): Promise<void> {
    const job = this.#shelf.shift();
    if (!job) return;
    this.#custody.alone = true;
    const ours = await this.#settle.noteAlone(job.queueId, true);
    if (!ours) {
      this.#custody.alone = false;
      this.#custody.forget(job);
    } else if (this.#ended) this.#giveBack(job);
    else if (this.#callers.size === 0) {
      // Nobody wants it any more: that this process tries it alone is not so.
      await this.#settle.noteAlone(job.queueId, false);
      this.#custody.alone = false;
      if (this.#ended) this.#giveBack(job);
      else this.#shelf.again(job);
    } else {
      job.alone = true;
      this.#callers.serve(this.#handOut(job));
    }
    this.#serve();
  }

  /** Whoever took it over decided that it had its chances. The ledger has the last word (C4). */
  async #judge(job: StreamJob, reason: string): Promise<void> {
    const { committed, onParked, persistence } = this.#parts;
    try {
      if (await committed?.(job)) await this.#settle.complete(job.queueId);
      else if (await this.#settle.park(job.queueId, reason)) onParked?.(job.id, reason);
      this.#custody.forget(job);
      this.#serve();
    } catch (error) {
      persistence.onTrouble(error);
      this.#tryLater(job, JUDGE_AGAIN_MS);
    }
  }

  #parkMalformed({ queueId, name, reason }: MalformedEntry): void {
    this.#custody.take(queueId, null);
    const parked = this.#settle.park(queueId, reason).then((ours) => {
      this.#custody.drop(queueId);
      if (ours) this.#parts.onParked?.(name, reason);
    });
    this.#pending.add(parked);
  }

  async #notAlone(job: StreamJob): Promise<void> {
    if (job.alone) await this.#settle.noteAlone(job.queueId, false);
  }

  /** Tries a job in hand again after a while, in its place; false when it is not in hand any more. */
  #retry(job: StreamJob, failures: number, pauseMs: number): boolean {
    const again = this.#custody.again(job, failures);
    if (!again) return false;
    this.#tryLater(again, pauseMs);
    this.#serve();
    return true;
  }

  #tryLater(job: StreamJob, pauseMs: number): void {
    if (this.#ended) this.#giveBack(job);
    else this.#custody.putOff(job, pauseMs, () => this.#serve());
  }

  /** Gives a job back that nobody has in hand. */
  #giveBack(job: StreamJob): void {
    const given = this.#settle.giveBack(job.queueId);
    this.#pending.add(given.then(() => this.#custody.drop(job.queueId)));
  }
}
