import { changedScript } from './changed-script.ts';
import type { Saboteur } from './saboteur.ts';

/**
 * L4: the ledger takes every token for the current one, and so does the stream lane when it gives out
 * jobs. Effects still carry the epoch they were committed under, so that it can be seen.
 */
export const noFencing: Saboteur = {
  scripts: (own) => ({
    ...own,
    commit: changedScript(
      own.commit,
      /^ *tokenCurrent = current\[1\] == epoch/,
      'tokenCurrent = true',
    ),
    stream: {
      ...own.stream,
      fetch: changedScript(own.stream.fetch, /^ *if current\[1\] ~= ARGV\[3\]/, 'if false then'),
    },
  }),
};
