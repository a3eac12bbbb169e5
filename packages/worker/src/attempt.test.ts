import { CommitUnknown, InvalidCommit } from '@understudy/exactly-once';
import { expect, test, vi } from 'vitest';
import { attemptJob, type AttemptScope } from './attempt.ts';
import type { WorkerDefinition } from './definition.ts';
import { FakeLane, FakeLedger, job, manualSurroundings } from './fakes.test-support.ts';

const always = (): boolean => true;

function setUp(handle: WorkerDefinition<unknown>['handle'], overrides: Partial<AttemptScope> = {}) {
  const lane = new FakeLane();
  const ledger = new FakeLedger();
  const events: unknown[] = [];
  const around = manualSurroundings();
  const scope: AttemptScope = {
    definition: { queue: 'q', handle },
    lane,
    ledger,
    node: 'node-1',
    incarnation: 'i1',
    token: { epoch: 1, term: 't1' },
    idempotent: true,
    signal: new AbortController().signal,
    onFenced: () => undefined,
    report: (event) => void events.push(event),
    track: (work) => void work,
    ...around,
    ...overrides,
  };
  return { lane, ledger, events, scope, time: around.time };
}

test('what a handler staged is committed in one request with the job as its key', async () => {
  const { lane, ledger, scope } = setUp((_, { credit }) => {
    credit('a', 5);
    credit('b', -5);
  });
  await attemptJob(scope, job('p-1'), always);
  expect(ledger.commits).toEqual([
    {
      job: 'p-1',
      key: 'p-1',
      digest: 'd',
      token: { epoch: 1, term: 't1' },
      node: 'node-1',
      incarnation: 'i1',
      credits: [
        { account: 'a', amountCents: 5 },
        { account: 'b', amountCents: -5 },
      ],
    },
  ]);
  expect(lane.log).toEqual(['complete p-1']);
});

test('the job that came with a completion is passed on', async () => {
  const { lane, scope } = setUp(() => undefined);
  lane.push(job('p-2'));
  expect(await attemptJob(scope, job('p-1'), always)).toMatchObject({ id: 'p-2' });
});

test('a duplicate is a success: the effect is there, once', async () => {
  const { lane, ledger, scope } = setUp(() => undefined);
  ledger.answer = () =>
    Promise.resolve({ status: 'duplicate', position: '1-0', tokenCurrent: true });
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['complete p-1']);
});

test('L4: a commit that was applied before this node was deposed is completed, not redone', async () => {
  const { lane, ledger, scope } = setUp(() => undefined);
  ledger.answer = () =>
    Promise.resolve({ status: 'duplicate', position: '1-0', tokenCurrent: false });
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['complete p-1']);
});

test('C4: a throwing handler consumes an attempt and commits nothing', async () => {
  const { lane, ledger, events, scope } = setUp(() => {
    throw new Error('no such account');
  });
  await attemptJob(scope, job('p-1'), always);
  expect(ledger.commits).toEqual([]);
  expect(lane.log).toEqual(['failAttempt p-1']);
  expect(events).toContainEqual({ event: 'parked', job: 'p-1', reason: 'no such account' });
});

test('C4: before a job is called failed the ledger is asked whether it took effect', async () => {
  const { lane, ledger, scope } = setUp(() => {
    throw new Error('too late');
  });
  ledger.committed.add('p-1');
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['complete p-1']);
});

test('C4: while the ledger cannot be asked, a failed job is handed back, not parked', async () => {
  const { lane, ledger, scope } = setUp(() => {
    throw new Error('no');
  });
  ledger.lookup = () => Promise.reject(new Error('connection lost'));
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['handBack p-1']);
});

test('C4: a fenced commit hands the job back without consuming an attempt, and is reported', async () => {
  const onFenced = vi.fn();
  const { lane, ledger, scope } = setUp(() => undefined, { onFenced });
  ledger.answer = () =>
    Promise.resolve({ status: 'fenced', reason: 'stale-token', currentEpoch: 2 });
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['handBack p-1']);
  expect(onFenced).toHaveBeenCalledOnce();
});

test('C4: a handler that gave up because its term ended has not failed', async () => {
  const abort = new AbortController();
  const { lane, scope } = setUp(
    () => {
      abort.abort();
      throw new Error('aborted');
    },
    { signal: abort.signal },
  );
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['handBack p-1']);
});

test('C4: a full ledger hands the job back, later, without consuming an attempt', async () => {
  const { lane, ledger, scope, time } = setUp(() => undefined);
  const answered = Promise.withResolvers<void>();
  ledger.answer = () => {
    answered.resolve();
    return Promise.resolve({ status: 'capacity', keys: 10 });
  };
  const attempt = attemptJob(scope, job('p-1'), always);
  await answered.promise;
  await vi.waitFor(() => expect(time.pending).toBe(1));
  expect(lane.log).toEqual([]);
  time.advance(1000);
  await attempt;
  expect(lane.log).toEqual(['handBack p-1']);
});

test('C2: the same id with other content is parked and said so, and takes no effect', async () => {
  const { lane, ledger, events, scope } = setUp(() => undefined);
  ledger.answer = () => Promise.resolve({ status: 'conflict', position: '1-0' });
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['park p-1']);
  expect(events).toContainEqual(expect.objectContaining({ event: 'parked', job: 'p-1' }));
});

test('C3: a commit still unknown when the term ends is handed back, for the next to ask', async () => {
  const abort = new AbortController();
  const { lane, ledger, scope } = setUp(() => undefined, { signal: abort.signal });
  ledger.answer = () => {
    abort.abort();
    return Promise.reject(new CommitUnknown('timed out'));
  };
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['handBack p-1']);
});

test('C4: a commit that could never be applied is the error of the handler that staged it', async () => {
  const { lane, ledger, scope } = setUp(() => undefined);
  ledger.answer = () => Promise.reject(new InvalidCommit('the sum is no safe integer'));
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['failAttempt p-1']);
});

test('C5: a handler receives the key and the token, for systems that can enforce them', async () => {
  const seen: unknown[] = [];
  const { scope } = setUp((_, context) => {
    seen.push(context.idempotencyKey, context.fencingToken);
  });
  await attemptJob(scope, job('p-1'), always);
  expect(seen).toEqual(['p-1', { epoch: 1, term: 't1' }]);
});

test('an uncoordinated commit carries neither key nor token', async () => {
  const { ledger, scope } = setUp(() => undefined, { idempotent: false, token: null });
  await attemptJob(scope, job('p-1'), always);
  expect(ledger.commits[0]).toMatchObject({ key: null, token: null });
});

test('a fraction of a cent fails the attempt instead of being rounded', async () => {
  const { lane, ledger, scope } = setUp((_, { credit }) => credit('a', 0.5));
  await attemptJob(scope, job('p-1'), always);
  expect(ledger.commits).toEqual([]);
  expect(lane.log).toEqual(['failAttempt p-1']);
});

test('a job that its producer numbered is committed and looked up by its number', async () => {
  const numbered = { queue: 'q', sequenceOf: (data: unknown) => (data as Numbered).sequence };
  const sequence = { producer: 'p', number: 7 };
  const { lane, ledger, scope } = setUp(() => undefined, {
    definition: { ...numbered, handle: () => undefined },
  });
  await attemptJob(scope, job('p-1', { sequence }), always);
  await attemptJob(scope, job('p-2', { sequence: null }), always);
  expect(ledger.commits).toMatchObject([{ key: 'p-1', sequence }, { key: 'p-2' }]);
  expect(ledger.commits[1]).not.toHaveProperty('sequence');
  const lookup = vi.fn(() => Promise.resolve({ position: null }));
  ledger.lookup = lookup as never;
  const handle = () => Promise.reject(new Error('its effect stands all the same'));
  const failing = { ...scope, definition: { ...numbered, handle } };
  await attemptJob(failing, job('p-3', { sequence }), always);
  expect(lookup).toHaveBeenCalledWith('p-3', sequence);
  expect(lane.log).toEqual(['complete p-1', 'complete p-2', 'complete p-3']);
});

test('C4: a number that cannot be read is an error of the handler', async () => {
  const definition: WorkerDefinition<unknown> = {
    queue: 'q',
    handle: () => undefined,
    sequenceOf: () => {
      throw new Error('no number');
    },
  };
  const { lane, ledger, scope } = setUp(() => undefined, { definition });
  await attemptJob(scope, job('p-1'), always);
  expect(lane.log).toEqual(['failAttempt p-1']);
  expect(ledger.commits).toEqual([]);
});

interface Numbered {
  readonly sequence: { readonly producer: string; readonly number: number } | null;
}
