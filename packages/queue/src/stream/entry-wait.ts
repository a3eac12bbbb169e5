import { sleep, type Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';

/** How much later than asked the server may answer before the connection counts as stuck. */
const OVERDUE_MS = 1000;
const REFUSED_REST_MS = 200;

/** The one blocking connection of a lane: all of its idle slots wait here together for an entry. */
export class EntryWait {
  readonly #open: () => Redis;
  readonly #key: string;
  readonly #timers: Timers;
  readonly #closed = new AbortController();
  #redis: Redis | undefined;

  /** @param open opens a connection of purpose `queue` */
  constructor(open: () => Redis, key: string, timers: Timers) {
    this.#open = open;
    this.#key = key;
    this.#timers = timers;
    // At once: whoever waits for the first time, after a takeover say, should not wait for this too.
    this.#redis = open();
  }

  /** Resolves when there is an entry after `lastId`, after `forMs`, in trouble, or when closed. */
  async wait(lastId: string, forMs: number): Promise<void> {
    if (this.#closed.signal.aborted) return;
    const over = new AbortController();
    const overdue = sleep(
      this.#timers,
      forMs + OVERDUE_MS,
      AbortSignal.any([over.signal, this.#closed.signal]),
    ).then(() => 'overdue' as const);
    const redis = (this.#redis ??= this.#open());
    const read = redis
      .xread('COUNT', 1, 'BLOCK', Math.max(1, Math.round(forMs)), 'STREAMS', this.#key, lastId)
      .then(
        () => 'answered' as const,
        // Not to be asked again at once by a server that refuses.
        () => sleep(this.#timers, REFUSED_REST_MS, this.#closed.signal).then(() => 'refused'),
      );
    const answer = await Promise.race([read, overdue]);
    over.abort();
    if (answer !== 'overdue' || this.#closed.signal.aborted) return;
    // A reply that never comes would park the lane for good: the connection goes with it.
    redis.disconnect();
    this.#redis = undefined;
  }

  close(): void {
    this.#closed.abort();
    this.#redis?.disconnect();
  }
}
