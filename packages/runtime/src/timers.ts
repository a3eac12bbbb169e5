/** Takes a scheduled callback back. Calling it again, or after it ran, does nothing. */
export type CancelTimer = () => void;

/** What schedules callbacks. A parameter everywhere, so that tests own the passing of time. */
export interface Timers {
  /** Runs `callback` once, `delayMs` from now. */
  after(delayMs: number, callback: () => void): CancelTimer;
  /** Runs `callback` every `periodMs` until cancelled; the first time after one period. */
  every(periodMs: number, callback: () => void): CancelTimer;
}

/** The timers of this process. They keep the process alive until they ran or were cancelled. */
export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
  every(periodMs, callback) {
    const timer = setInterval(callback, periodMs);
    return () => clearInterval(timer);
  },
};

/**
 * Resolves after `delayMs`, or as soon as `signal` aborts. It never rejects: an aborted wait is a
 * short one, and the caller looks at the signal if it cares.
 */
export function sleep(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = timers.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
