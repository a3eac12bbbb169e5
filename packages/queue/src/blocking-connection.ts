import { sleep, type Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';

/** How much later than asked the server may answer before the connection counts as stuck. */
const OVERDUE_MS = 1000;
const REFUSED_REST_MS = 200;

/** The connection of a lane whose commands block: all of its idle slots wait here together. */
export class BlockingConnection {
  readonly #open: () => Redis;
  readonly #timers: Timers;
  readonly #closed = new AbortController();
  /** Ends the wait that is on its way. */
  #end: (() => void) | undefined;
  #redis: Redis;

  /** @param open opens a connection of purpose `queue` */
  constructor(open: () => Redis, timers: Timers) {
    this.#open = open;
    this.#timers = timers;
    // At once: whoever waits for the first time, after a takeover say, should not wait for this too.
    this.#redis = open();
  }

  /**
   * What the server answers to a command that blocks for `forMs` at most; `undefined` in trouble, or when
   * closed. It never rejects. One command at a time: others would wait behind it.
   */
  async ask<Answer>(
    forMs: number,
    command: (redis: Redis) => Promise<Answer>,
  ): Promise<Answer | undefined> {
    if (this.#closed.signal.aborted) return undefined;
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const end = (): void => resolve(undefined);
    this.#end = end;
    const cancel = this.#timers.after(forMs + OVERDUE_MS, () => {
      end();
      this.#reopen();
    });
    command(this.#redis).then(resolve, () =>
      // Not to be asked again at once by a server that refuses.
      sleep(this.#timers, REFUSED_REST_MS, this.#closed.signal).then(end),
    );
    const answer = await promise;
    cancel();
    return answer;
  }

  close(): void {
    this.#closed.abort();
    this.#end?.();
    this.#redis.disconnect();
  }

  /**
   * A reply that never comes would park the lane for good, and ioredis would send the abandoned
   * command again after a reconnect, where it may take what nobody waits for: so the connection goes
   * with it.
   */
  #reopen(): void {
    this.#redis.disconnect();
    this.#redis = this.#open();
  }
}
