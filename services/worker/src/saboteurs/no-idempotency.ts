import { wrappedLedger } from '@understudy/worker';
import type { Saboteur } from './saboteur.ts';

/** C1: commits carry no idempotency key, so every attempt that gets through takes effect. */
export const noIdempotency: Saboteur = {
  parts: (own) => ({
    ...own,
    ledger: (...given) => {
      const ledger = own.ledger(...given);
      return wrappedLedger(ledger, {
        commit: (request) => ledger.commit({ ...request, key: null }),
        lookup: () => Promise.resolve(null),
      });
    },
  }),
};
