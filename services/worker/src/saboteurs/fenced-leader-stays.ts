import type { FencingToken } from '@understudy/exactly-once';
import { wrappedLedger } from '@understudy/worker';
import type { Saboteur } from './saboteur.ts';

/**
 * L6: a leader takes no notice of a newer epoch, neither where a commit is refused nor where the
 * store says so. It keeps the lease, and nobody can commit.
 */
export const fencedLeaderStays: Saboteur = {
  parts: (own) => ({
    ...own,
    lease: (settings, ledger, around, onChange) => {
      let leading: FencingToken | undefined;
      const store = wrappedLedger(ledger, {
        readEpoch: async () => ({ ...(await ledger.readEpoch()), ...leading }),
      });
      const lease = own.lease(settings, store, around, (change) => {
        if (change.type === 'elected') leading = change.token;
        else if (change.type === 'deposed') leading = undefined;
        onChange(change);
      });
      return {
        start: () => lease.start(),
        get leadership() {
          return lease.leadership;
        },
        fenced: () => undefined,
        stop: () => lease.stop(),
        [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose](),
      };
    },
  }),
};
