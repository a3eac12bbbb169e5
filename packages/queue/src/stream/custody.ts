import { type CancelTimer, type Timers, TransientMap } from '@understudy/runtime';
import { Shelf } from './shelf.ts';
import type { StreamJob } from './stream-job.ts';

/**
 * What a consumer of this process holds, as far as the process knows, and where each job is: on the
 * shelf, in hand, or put off.
 */
export class Custody {
  readonly shelf = new Shelf<StreamJob>();
  readonly #timers: Timers;
  /** Entry → its job; `null` for one that is none, or none any more, of which the queue is being told. */
  readonly #held = new TransientMap<string, StreamJob | null>();
  readonly #putOff = new Map<StreamJob, CancelTimer>();
  #inHand = 0;
  #handedOut = 0;
  /** R3: a suspect is being tried alone, or is about to be. */
  alone = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** How many entries are held. */
  get size(): number {
    return this.#held.size;
  }

  /** How many jobs are in hand; and how many were handed out since the beginning. */
  get inHand(): number {
    return this.#inHand;
  }

  get handedOut(): number {
    return this.#handedOut;
  }

  holds(entry: string): boolean {
    return this.#held.has(entry);
  }

  /** Takes an entry in; `null` where it is no job. */
  take(entry: string, job: StreamJob | null): void {
    this.#held.set(entry, job);
  }

  handOut(job: StreamJob): StreamJob {
    this.#inHand += 1;
    this.#handedOut += 1;
    return job;
  }

  /** A job in hand is over. It may have been settled before, or be another attempt's by now. */
  settled(job: StreamJob): void {
    if (this.#held.get(job.queueId) !== job) return;
    this.#noMoreInHand(job);
    this.forget(job);
  }

  /**
   * A job in hand is done, and its entry held until the queue knows: the next of its key may follow.
   * False where it is not in hand any more.
   */
  done(job: StreamJob): boolean {
    if (this.#held.get(job.queueId) !== job) return false;
    this.#noMoreInHand(job);
    this.#held.set(job.queueId, null);
    this.shelf.settled(job);
    return true;
  }

  /** A job that is not in hand is over: the next of its key may follow. */
  forget(job: StreamJob): void {
    this.#held.delete(job.queueId);
    this.shelf.settled(job);
  }

  /** Nothing more follows from it that an entry is gone. */
  drop(entry: string): void {
    this.#held.delete(entry);
  }

  /** A job in hand as its next attempt, which keeps its key; `undefined` when it is over already. */
  again(job: StreamJob, failures: number): StreamJob | undefined {
    if (this.#held.get(job.queueId) !== job) return undefined;
    this.#noMoreInHand(job);
    const next = job.again(failures);
    this.#held.set(job.queueId, next);
    return next;
  }

  /** Puts a job back on the shelf after `pauseMs`, first of all, and calls `then`. */
  putOff(job: StreamJob, pauseMs: number, then: () => void): void {
    const cancel = this.#timers.after(pauseMs, () => {
      this.#putOff.delete(job);
      this.shelf.again(job);
      then();
    });
    this.#putOff.set(job, cancel);
  }

  /** Takes everything off the shelf, and what was put off: what nobody has begun. */
  clear(): StreamJob[] {
    const unbegun = this.shelf.clear();
    for (const [job, cancel] of this.#putOff) {
      cancel();
      unbegun.push(job);
    }
    this.#putOff.clear();
    return unbegun;
  }

  #noMoreInHand(job: StreamJob): void {
    this.#inHand -= 1;
    if (job.alone) this.alone = false;
  }
}
