import type { Saboteur } from './saboteur.ts';

/**
 * L2, L6: the end of a term stops nobody. Its signal never aborts, so who was deposed goes on
 * fetching and committing under the old token, beside whatever it does next.
 */
export const staleLeaderContinues: Saboteur = {
  parts: (own) => ({
    ...own,
    lease: (settings, ledger, around, onChange) =>
      own.lease(settings, ledger, around, (change) =>
        onChange(
          change.type === 'elected' ? { ...change, signal: new AbortController().signal } : change,
        ),
      ),
  }),
};
