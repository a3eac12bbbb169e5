import { runScript, type Script } from '@understudy/redis';
import type { Redis } from 'ioredis';

/**
 * Runs scripts on a connection of purpose `queue`, which waits for the server for however long: what
 * is still on its way when it is closed is rejected, and nobody waits for it any more.
 */
export class ScriptCalls {
  readonly #redis: Redis;
  readonly #pending = new Set<(error: Error) => void>();
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
      this.#pending.add(reject);
      ask().then(
        (answer) => {
          this.#pending.delete(reject);
          resolve(answer);
        },
        (error: Error) => {
          this.#pending.delete(reject);
          reject(error);
        },
      );
    });
  }

  close(): void {
    this.#closed = true;
    for (const reject of this.#pending) reject(closed());
    this.#pending.clear();
  }
}

const closed = (): Error => new Error('the lane is closed');
