import type { Measurement } from '../measurement.ts';
import { signalled } from './takeovers.ts';
import { unseenTakeover } from './unseen-takeover.ts';

/** Longer than the time-out, or there would be nothing to take over. */
const STALL_MS = 2000;

/** A blocked event loop of a leader to its successor's first effect. */
export const takeoverStall: Measurement = {
  name: 'takeover-stall',
  what: `the leader’s event loop blocked for ${STALL_MS / 1000} s → its successor’s first effect`,
  byDefault: true,
  measure: (context) =>
    unseenTakeover(
      context,
      {
        label: 'stalled event loop',
        fleet: { environment: { BENCH_STALL_MS: String(STALL_MS) } },
        strike: signalled('SIGUSR2'),
        restore: (fleet, old) => fleet.until(() => old.state === 'passive'),
      },
      { stallMs: STALL_MS },
    ),
};
