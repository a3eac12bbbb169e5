/**
 * What tells the time. Elapsed time is always measured with `monotonicMs`; the wall clock serves
 * people and log lines only, because it may jump.
 */
export interface Clock {
  /** Milliseconds since an arbitrary origin; never goes back. Fractions are kept. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z as this machine believes them. May jump. */
  wallMs(): number;
}

/** The clock of this process: `performance.now()` and `Date.now()`. */
export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};
