import type { Redis } from 'ioredis';
import { connect, type ConnectOptions } from './connect.ts';

/** A `command` connection that knows which incarnation of the server it talks to. */
export interface CommandConnection extends AsyncDisposable {
  readonly redis: Redis;
  /**
   * The server's `run_id` as read on the present connection, `undefined` until it was read. A
   * command must be sent only while it is what the caller expects: after a restart the server may
   * have forgotten things.
   */
  readonly runId: string | undefined;
  /** Resolves when connected and `runId` is known, or as `signal` aborts. */
  ready(signal?: AbortSignal): Promise<void>;
  /** Calls `listener` with the new `run_id` on every (re)connect. Returns how to stop. */
  onReady(listener: (runId: string) => void): () => void;
  /** Calls `listener` when the connection is lost. Returns how to stop. */
  onLost(listener: () => void): () => void;
}

/** Reads the `run_id` line of `INFO server`; `''` where it has none. Where ACLs forbid `INFO`, it is never read. */
function parseRunId(info: string): string {
  return /^run_id:(\w+)/m.exec(info)?.[1] ?? '';
}

/** Opens a `command` connection to `url` and keeps its `runId` current. */
export function commandConnection(
  url: string,
  options: Omit<ConnectOptions, 'purpose'>,
): CommandConnection {
  const redis = connect(url, { ...options, purpose: 'command' });
  const readyListeners = new Set<(runId: string) => void>();
  const lostListeners = new Set<() => void>();
  let runId: string | undefined;
  let disposed = false;

  redis.on('ready', () => {
    redis.info('server').then(
      (info) => {
        runId = parseRunId(info);
        for (const listener of [...readyListeners]) listener(runId);
      },
      // Without the run_id nothing may be sent: connect anew and ask again.
      () => {
        if (!disposed) redis.disconnect(true);
      },
    );
  });
  redis.on('close', () => {
    const wasReady = runId !== undefined;
    runId = undefined;
    if (wasReady) for (const listener of [...lostListeners]) listener();
  });

  const connection: CommandConnection = {
    redis,
    get runId() {
      return runId;
    },
    ready(signal) {
      if (runId !== undefined || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const finish = (): void => {
          stop();
          signal?.removeEventListener('abort', finish);
          resolve();
        };
        const stop = connection.onReady(finish);
        signal?.addEventListener('abort', finish, { once: true });
      });
    },
    onReady(listener) {
      readyListeners.add(listener);
      return () => void readyListeners.delete(listener);
    },
    onLost(listener) {
      lostListeners.add(listener);
      return () => void lostListeners.delete(listener);
    },
    [Symbol.asyncDispose]: () => {
      disposed = true;
      redis.disconnect();
      return Promise.resolve();
    },
  };
  return connection;
}
