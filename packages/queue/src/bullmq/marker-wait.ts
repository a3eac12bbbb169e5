import type { Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { BlockingConnection } from '../blocking-connection.ts';

/** What BullMQ leaves to wake one waiting worker: `0` a job is there, or when the next one is due. */
export interface Marker {
  readonly member: string;
  /** Ms since 1970; 0 means now. */
  readonly dueAtMs: number;
}

/** Where the idle slots of a lane wait for BullMQ's marker. */
export class MarkerWait {
  readonly #connection: BlockingConnection;
  readonly #key: string;

  /** @param open opens a connection of purpose `queue`, named as BullMQ names those of its workers */
  constructor(open: () => Redis, key: string, timers: Timers) {
    this.#connection = new BlockingConnection(open, timers);
    this.#key = key;
  }

  /** Takes the marker, or returns `undefined` after `forMs`, in trouble, or when closed. */
  async wait(forMs: number): Promise<Marker | undefined> {
    const seconds = Math.max(0.001, forMs / 1000);
    const reply = await this.#connection.ask(forMs, (redis) => redis.bzpopmin(this.#key, seconds));
    return reply ? { member: reply[1], dueAtMs: Number(reply[2]) } : undefined;
  }

  close(): void {
    this.#connection.close();
  }
}
