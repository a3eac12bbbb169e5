import { runScript, type Script } from '@understudy/redis';
import { TransientMap } from '@understudy/runtime';
import type { Redis } from 'ioredis';

/**
 * Runs scripts on a connection of purpose `queue`, which waits for the server for however long: what
 * is still on its way when it is closed is rejected, and nobody waits for it any more.
 */
export class ScriptCalls {
  readonly #redis: Redis;
  /** What rejects each call that is on its way, by its number. */
  readonly #pending = new TransientMap<number, (error: Error) => void>();
  #calls = 0;
  #closed = false;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    return this.wait(() => runScript(this.#redis, script, keys, args));
  }

  /** The answer to `ask`; rejects when the connection is closed before. */
  wait<T>(ask: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(closed());
    return new Promise((resolve, reject) => {
      this.#calls += 1;
      const call = this.#calls;
      this.#pending.set(call, reject);
      ask().then(
        (answer) => {
          this.#pending.delete(call);
          resolve(answer);
        },
        (error: Error) => {
          this.#pending.delete(call);
          reject(error);
        },
      );
    });
  }

  close(): void {
    this.#closed = true;
    for (const reject of this.#pending.values()) reject(closed());
    this.#pending.clear();
  }
}

const closed = (): Error => new Error('the lane is closed');
