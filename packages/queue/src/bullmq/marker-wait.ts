import { sleep, type Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';

/** What BullMQ leaves to wake one waiting worker: `0` a job is there, or when the next one is due. */
export interface Marker {
  readonly member: string;
  /** Ms since 1970; 0 means now. */
  readonly dueAtMs: number;
}

/** How much later than asked the server may answer before the connection counts as stuck. */
const OVERDUE_MS = 1000;
const REFUSED_REST_MS = 200;

/**
 * The one blocking connection of a lane: all of its idle slots wait here together.
 */
export class MarkerWait {
  readonly #open: () => Redis;
  readonly #key: string;
  readonly #timers: Timers;
  readonly #closed = new AbortController();
  #redis: Redis;

  /** @param open opens a connection of purpose `queue`, named as BullMQ names those of its workers */
  constructor(open: () => Redis, key: string, timers: Timers) {
    this.#open = open;
    this.#key = key;
    this.#timers = timers;
    this.#redis = this.#open();
  }

  /** Takes the marker, or returns `undefined` after `forMs`, in trouble, or when closed. */
  async wait(forMs: number): Promise<Marker | undefined> {
    const seconds = Math.max(0.001, forMs / 1000);
    const over = new AbortController();
    const overdue = sleep(
      this.#timers,
      forMs + OVERDUE_MS,
      AbortSignal.any([over.signal, this.#closed.signal]),
    );
    const popped = this.#redis.bzpopmin(this.#key, seconds).then(
      (reply) => (reply ? { member: reply[1], dueAtMs: Number(reply[2]) } : undefined),
      // Not to be asked again at once by a server that refuses.
      () => sleep(this.#timers, REFUSED_REST_MS, this.#closed.signal).then(() => undefined),
    );
    const answer = await Promise.race([popped, overdue.then(() => 'overdue' as const)]);
    over.abort();
    if (answer !== 'overdue') return answer;
    if (!this.#closed.signal.aborted) this.#reopen();
    return undefined;
  }

  close(): void {
    this.#closed.abort();
    this.#redis.disconnect();
  }

  /**
   * A reply that never comes would park the lane for good, and ioredis would send the abandoned
   * command again after a reconnect, where it swallows a marker: so the connection goes with it.
   */
  #reopen(): void {
    this.#redis.disconnect();
    this.#redis = this.#open();
  }
}
