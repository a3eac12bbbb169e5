import type { RunSettings } from '../runner/settings.ts';
import type { ExpectedAnomaly } from './entry.ts';

/**
 * Settings under which a run is short and a fault still finds jobs in flight. How fast a takeover
 * is, is not what is audited; a bound that is long only makes the audit wait for what never comes.
 */
export const SHORT = {
  ttlMs: 1000,
  lockDurationMs: 1500,
  handlerMs: 100,
  duplicates: 0,
  livenessBoundMs: 6000,
  takeoverLimitMs: { kill: 4000, stop: 4000, pause: 4000, 'crash-at': 4000 },
} satisfies Partial<RunSettings>;

/** Every job twice, as fast as they come, and nothing else to do: copies meet at the commit. */
export const TWICE = { ...SHORT, duplicates: 1, handlerMs: 0, rate: 'max' } as const;

/**
 * So many jobs are in hand at any time that a kill finds some between two steps; and so few a second that
 * the second kill finds work as well.
 */
export const BUSY = { ...SHORT, handlerMs: 20, rate: 300, concurrency: 50 } as const;

/**
 * The steps of a commit take long enough by themselves that a kill finds jobs between two of them, one
 * of an account at a time; and jobs come no faster than the lab can see them done.
 */
export const IN_STEPS = { ...SHORT, handlerMs: 0 } as const;

/** Few enough a second that work is left when the late request has come. */
export const SLOWLY = { ...SHORT, handlerMs: 5, rate: 100 } as const;

/** What most protections are there to prevent. */
export const DUPLICATED: ExpectedAnomaly = { checker: 'outcome', kind: 'duplicated' };
