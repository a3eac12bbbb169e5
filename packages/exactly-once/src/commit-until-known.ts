import { type Prng, seededPrng, sleep, systemTimers, type Timers } from '@understudy/runtime';
import { CommitUnknown } from './errors.ts';
import type { CommitOutcome, CommitRequest, Ledger } from './ledger.ts';

/** Options of `commitUntilKnown`. */
export interface CommitUntilKnownOptions {
  /** Asking ends when it aborts; the outcome is then unknown. */
  signal: AbortSignal;
  timers?: Timers;
  /** Spreads the back-off. Default: seeded by the request's incarnation and job. */
  prng?: Prng;
  /** The first pause is up to this long; each next one up to twice as long. Default 10. */
  firstPauseMs?: number;
  /** No pause is longer. Default 500. */
  longestPauseMs?: number;
}

/**
 * Commits, and asks again with the same key while the outcome is unknown (C3): the key makes that
 * safe. Without a key asking again could apply the effect twice, so the first unknown is final.
 * @returns `unknown` when the signal aborted first, or when there is no key to ask again with
 * @throws {InvalidCommit}
 */
export async function commitUntilKnown(
  ledger: Pick<Ledger, 'commit'>,
  request: CommitRequest,
  options: CommitUntilKnownOptions,
): Promise<CommitOutcome | { readonly status: 'unknown' }> {
  const { signal, timers = systemTimers, firstPauseMs = 10, longestPauseMs = 500 } = options;
  let prng = options.prng;
  for (let ceilingMs = firstPauseMs; ; ceilingMs = Math.min(2 * ceilingMs, longestPauseMs)) {
    try {
      return await ledger.commit(request);
    } catch (error) {
      if (!(error instanceof CommitUnknown)) throw error;
      if (request.key === null || signal.aborted) return { status: 'unknown' };
    }
    prng ??= seededPrng(`${request.incarnation}/${request.job}`);
    // At least half of the ceiling, so that a store in trouble is not asked at once by everybody.
    await sleep(timers, ceilingMs * (0.5 + prng.float() / 2), signal);
    if (signal.aborted) return { status: 'unknown' };
  }
}
