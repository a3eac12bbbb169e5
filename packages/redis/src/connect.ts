import { Redis, type RedisOptions } from 'ioredis';
import type { ConnectionPurpose } from './connection-purpose.ts';
import type { ConnectionWatch } from './connection-watch.ts';

/** Options of `connect`. */
export interface ConnectOptions {
  purpose: ConnectionPurpose;
  /** Shown by `CLIENT LIST`, so that a look at the server says who is who. */
  name: string;
  /** Only for `command`: how long to wait for a reply, in ms. Default 1000. */
  commandTimeoutMs?: number;
  /** Called on connection trouble. ioredis goes on by itself; default: ignore. */
  onError?: (error: Error) => void;
  /** Watches the connection for as long as it is open. Default: nobody does. */
  watch?: ConnectionWatch | undefined;
}

const RECONNECT_MAX_MS = 200;
/**
 * How often a server that loads its data is asked whether it has. It estimates itself how long it will
 * take, and ioredis believes it up to ten seconds: the estimate is made when the first bytes have been
 * read, and a store of a second then stays away for ten.
 */
const LOADING_MAX_MS = 100;

/** Opens a connection to `url` (`redis://` or `rediss://`), in the manner its purpose needs. */
export function connect(url: string, options: ConnectOptions): Redis {
  const redis = new Redis(url, {
    connectionName: options.name,
    maxLoadingRetryTime: LOADING_MAX_MS,
    ...manner(options),
  });
  redis.on('error', options.onError ?? (() => undefined));
  options.watch?.add(redis, options.purpose, url);
  return redis;
}

function manner(options: ConnectOptions): RedisOptions {
  const retryStrategy = (times: number): number => Math.min(10 * times, RECONNECT_MAX_MS);
  switch (options.purpose) {
    case 'command':
      return {
        retryStrategy,
        maxRetriesPerRequest: 0,
        enableOfflineQueue: false,
        commandTimeout: options.commandTimeoutMs ?? 1000,
        connectTimeout: 2000,
      };
    case 'queue':
    case 'observe':
      return { retryStrategy, maxRetriesPerRequest: null };
    case 'subscribe':
      return { retryStrategy, maxRetriesPerRequest: null, autoResubscribe: true };
  }
}

/** `url` without user and password, for people's eyes. */
export function redactUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
  } catch {
    return '(not a URL)';
  }
}
