import { expect, it } from 'vitest';
import { readEnd } from './read-end.ts';

it('a job that takes effect while the end is read is seen by one reading at least', async () => {
  const waiting = new Set(['p-1']);
  const took: string[] = [];
  // The worker does its job between the two readings, whichever comes first.
  const work = (): void => {
    took.push(...waiting);
    waiting.clear();
  };
  let seen: readonly string[] = [];
  const { rest } = await readEnd(
    {
      outstanding: () => Promise.resolve(waiting.size),
      parked: () => Promise.resolve([]),
      rest: () => {
        const pendingJobs = [...waiting];
        work();
        return Promise.resolve({
          ...{ counts: {}, pendingJobs, parkedJobs: [], balances: undefined },
        });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
    {
      finish: () => {
        seen = [...took];
        work();
        return Promise.resolve({ entriesAdded: seen.length, entriesRead: seen.length });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  );
  expect([...(rest.pendingJobs ?? []), ...seen]).toContain('p-1');
});
