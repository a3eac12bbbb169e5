import type { Ledger } from '@understudy/exactly-once';
import { type Prng, sleep, type Timers } from '@understudy/runtime';

/** How to go on while the ledger does not answer. */
export interface Asking {
  /** Asking ends when it aborts. */
  readonly signal: AbortSignal;
  readonly timers: Timers;
  readonly prng: Prng;
}

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 500;

/**
 * Whether an effect with that key stands, asked until the ledger answers: without an answer a job
 * must not be called failed (C4).
 * @returns `unknown` when the signal aborted first
 */
export async function lookupUntilKnown(
  ledger: Pick<Ledger, 'lookup'>,
  key: string,
  { signal, timers, prng }: Asking,
): Promise<'stands' | 'none' | 'unknown'> {
  for (let ceilingMs = FIRST_PAUSE_MS; ; ceilingMs = Math.min(2 * ceilingMs, LONGEST_PAUSE_MS)) {
    const found = await ledger.lookup(key).catch(() => undefined);
    if (found !== undefined) return found === null ? 'none' : 'stands';
    if (signal.aborted) return 'unknown';
    await sleep(timers, ceilingMs * (0.5 + 0.5 * prng.float()), signal);
  }
}
