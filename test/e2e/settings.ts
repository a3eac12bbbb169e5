const LIMIT_MS = 4000;

/** How fast a takeover is, the benches measure: tests share their machine, and look less often. */
export const LENIENT = {
  pollMs: 25,
  takeoverLimitMs: { kill: LIMIT_MS, stop: LIMIT_MS, pause: LIMIT_MS, 'crash-at': LIMIT_MS },
} as const;
/** The same limit on a command line. */
export const LENIENTLY = ['--takeover-limit-ms', String(LIMIT_MS)] as const;

/** Settings under which a run is short and a fault still finds jobs in flight. */
export const SHORT = {
  nodes: 3,
  ttlMs: 1000,
  lockDurationMs: 1500,
  handlerMs: 20,
  concurrency: 10,
  ...LENIENT,
} as const;

/** Longer than lease and queue lock last: whoever sleeps so long has been replaced. */
export const PAST_EVERY_TTL = '1800ms';

/** How long a killed or stopped node stays away. */
export const SOON = '300ms';
