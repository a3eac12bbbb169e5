import type { CommitOutcome, CommitRequest, Ledger } from '@understudy/exactly-once';
import { wrappedLedger } from '@understudy/worker';
import { changedScript } from './changed-script.ts';
import type { Saboteur } from './saboteur.ts';

/**
 * C1: the idempotency key is looked up in one trip, and what was found is acted on in the next: two
 * attempts of a job that come between each other's trips both find nothing.
 */
export const checkThenSet: Saboteur = {
  scripts: (own) => ({
    ...own,
    commit: changedScript(own.commit, /^ *local known = recall/, 'local known = nil'),
  }),
  parts: (own) => ({
    ...own,
    ledger: (...given) => {
      const ledger = own.ledger(...given);
      return wrappedLedger(ledger, { commit: (request) => lookUpThenCommit(ledger, request) });
    },
  }),
};

async function lookUpThenCommit(ledger: Ledger, request: CommitRequest): Promise<CommitOutcome> {
  const { key, sequence } = request;
  const known = key === null ? null : await ledger.lookup(key, sequence);
  if (!known) return ledger.commit(request);
  return { status: 'duplicate', position: known.position, tokenCurrent: true };
}
