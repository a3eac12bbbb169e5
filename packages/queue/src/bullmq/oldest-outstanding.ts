import { runScript } from '@understudy/redis';
import type { Clock } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { scripts } from './scripts.ts';

/** A reading is good for a hundred times as long as it took: it costs Redis 1 % of its time. */
const REST_PER_WORK = 100;

/** Reads when the oldest job that may still be delivered was enqueued. */
export class OldestOutstanding {
  readonly #redis: Redis;
  readonly #keys: readonly string[];
  readonly #prefix: string;
  readonly #clock: Clock;
  #last: { atMs: number; goodUntilMs: number } | undefined;

  constructor(redis: Redis, queue: Readonly<Record<string, string>>, clock: Clock) {
    const lists = ['active', 'wait', 'paused', 'prioritized', 'delayed', 'waiting-children'];
    this.#redis = redis;
    this.#keys = lists.map((list) => queue[list] as string);
    this.#prefix = queue[''] as string;
    this.#clock = clock;
  }

  /** In ms since 1970; `null` when there is no job. An earlier reading stays a lower bound. */
  async read(): Promise<number | null> {
    const startMs = this.#clock.monotonicMs();
    if (this.#last && startMs < this.#last.goodUntilMs) return this.#last.atMs;
    const oldest = await runScript(this.#redis, scripts.oldestOutstanding, this.#keys, [
      this.#prefix,
    ]);
    if (oldest === null) {
      // Nothing is no lower bound for what comes.
      this.#last = undefined;
      return null;
    }
    const endMs = this.#clock.monotonicMs();
    const goodUntilMs = endMs + REST_PER_WORK * (endMs - startMs);
    this.#last = { atMs: Number(oldest), goodUntilMs };
    return this.#last.atMs;
  }
}
