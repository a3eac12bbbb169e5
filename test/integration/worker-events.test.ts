import type { WorkerEvent } from '@understudy/worker';
import { faultOfLine } from 'understudy';
import { expect, it } from 'vitest';

/** One of each: a kind that is missing here is an error of types. */
const TOLD: { readonly [Kind in WorkerEvent['event']]: WorkerEvent & { event: Kind } } = {
  ready: { event: 'ready' },
  state: { event: 'state', state: 'active', epoch: 4, term: 't' },
  attempt: { event: 'attempt', job: 'p-17', n: 2 },
  parked: { event: 'parked', job: 'p-17', reason: 'its payload is not one' },
  recovered: { event: 'recovered', jobs: 6, from: ['n1-a'] },
  ledger_regressed: { event: 'ledger_regressed', storeEpoch: 3, knownEpoch: 4 },
};

it.each(Object.values(TOLD))('the lab understands what a worker says: $event', (event) => {
  expect(faultOfLine(`@understudy ${JSON.stringify(event)}`)).toBeUndefined();
});
