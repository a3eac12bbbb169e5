import { type CancelTimer, systemTimers } from '@understudy/runtime';
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

/** How long until a server whose ACLs forbid `INFO` is asked again, in ms: somebody may allow it. */
const REFUSED_PAUSE_MS = 1000;

/** Reads the `run_id` line of `INFO server`; `''` where it has none. */
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
  let stopAsking: CancelTimer | undefined;

  // Without the run_id nothing may be sent: it is asked for until it is known.
  const learn = (): void => {
    redis.info('server').then(
      (info) => {
        runId = parseRunId(info);
        for (const listener of [...readyListeners]) listener(runId);
      },
      (error: unknown) => {
        if (disposed) return;
        if (!isRefusal(error)) {
          redis.disconnect(true);
          return;
        }
        options.onError?.(infoRefused(error));
        stopAsking = systemTimers.after(REFUSED_PAUSE_MS, learn);
      },
    );
  };
  redis.on('ready', learn);
  redis.on('close', () => {
    stopAsking?.();
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
      stopAsking?.();
      redis.disconnect();
      return Promise.resolve();
    },
  };
  return connection;
}

function isRefusal(error: unknown): error is Error {
  return error instanceof Error && error.message.startsWith('NOPERM');
}

function infoRefused(refusal: Error): Error {
  const why = `nothing is sent to a server whose run_id is unknown, and INFO tells it`;
  return new Error(`${why}: allow its user INFO (${refusal.message})`, { cause: refusal });
}
