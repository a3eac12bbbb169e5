import type { Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { BlockingConnection } from '../blocking-connection.ts';

/** Where the idle slots of a lane wait for an entry. */
export class EntryWait {
  readonly #connection: BlockingConnection;
  readonly #key: string;

  /** @param open opens a connection of purpose `queue` */
  constructor(open: () => Redis, key: string, timers: Timers) {
    this.#connection = new BlockingConnection(open, timers);
    this.#key = key;
  }

  /** Resolves when there is an entry after `lastId`, after `forMs`, in trouble, or when closed. */
  async wait(lastId: string, forMs: number): Promise<void> {
    const blockMs = Math.max(1, Math.round(forMs));
    await this.#connection.ask(forMs, (redis) =>
      redis.xread('COUNT', 1, 'BLOCK', blockMs, 'STREAMS', this.#key, lastId),
    );
  }

  close(): void {
    this.#connection.close();
  }
}
