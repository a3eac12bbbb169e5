import type { Redis } from 'ioredis';
import type { ConnectionPurpose } from './connection-purpose.ts';

/** How the open connections of one purpose are. */
export interface ConnectionHealth {
  /** How many are open, in whatever condition; those that were closed on purpose do not count. */
  readonly open: number;
  /** Whether there are any, and the server answers on each. */
  readonly up: boolean;
  /** How often one of them was lost and came back, since the watch began. */
  readonly reconnects: number;
}

interface Watched {
  readonly purpose: ConnectionPurpose;
  readonly url: string;
  ready: boolean;
}

/**
 * Watches the connections that are opened with it, for as long as they are open: a parameter of who
 * opens them, so that somebody else can tell whether they are up.
 */
export class ConnectionWatch {
  readonly #open = new Map<Redis, Watched>();
  readonly #reconnects = new Map<ConnectionPurpose, number>();

  /** Begins to watch `redis`, which was just opened to `url`. */
  add(redis: Redis, purpose: ConnectionPurpose, url: string): void {
    const watched: Watched = { purpose, url, ready: false };
    let before = false;
    this.#open.set(redis, watched);
    redis.on('ready', () => {
      watched.ready = true;
      if (before) this.#reconnects.set(purpose, (this.#reconnects.get(purpose) ?? 0) + 1);
      before = true;
    });
    redis.on('close', () => (watched.ready = false));
    // It will not come back: whoever opened it is done with it.
    redis.on('end', () => this.#open.delete(redis));
  }

  /** How the connections of `purpose` are. */
  health(purpose: ConnectionPurpose): ConnectionHealth {
    const own = [...this.#open.values()].filter((watched) => watched.purpose === purpose);
    return {
      open: own.length,
      up: own.length > 0 && own.every(({ ready }) => ready),
      reconnects: this.#reconnects.get(purpose) ?? 0,
    };
  }

  /** Whether there are connections to `url`, and all of them are up. */
  reaches(url: string): boolean {
    const own = [...this.#open.values()].filter((watched) => watched.url === url);
    return own.length > 0 && own.every(({ ready }) => ready);
  }
}
