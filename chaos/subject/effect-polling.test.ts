import type { OperationBody } from '@understudy/history';
import { systemClock, systemTimers } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SystemUnusable } from '../errors.ts';
import { EffectPolling } from './effect-polling.ts';
import type { SystemEffect, SystemRun } from './system.ts';

/** The machine may be busy; what is waited for comes at once on one that is not. */
const PATIENT = { timeout: 10_000 };
const over = new AbortController();
const run: SystemRun = {
  ...{ run: 'r', mode: 'active-active', nodes: ['node-1'], redisUrl: '', queue: 'q' },
  ...{ prefix: 'p', effects: 'e', signal: over.signal },
};

let sink: SystemEffect[];
let operations: OperationBody[];
let failures: Error[];
let notes: string[];
let opened: EffectPolling | undefined;

beforeEach(() => {
  [sink, operations, failures, notes] = [[], [], [], []];
});
afterEach(async () => {
  await opened?.[Symbol.asyncDispose]();
  opened = undefined;
});

async function open(readEffects: () => unknown = () => [...sink]): Promise<EffectPolling> {
  opened = await EffectPolling.open({
    system: {
      nodes: { command: 'x' },
      enqueue: () => undefined,
      readEffects: readEffects as () => SystemEffect[],
    },
    run,
    record: (operation) => void operations.push(operation),
    onFailure: (error) => void failures.push(error),
    note: (_, text) => void notes.push(text),
    clock: systemClock,
    timers: systemTimers,
  });
  return opened;
}

const seen = (op: 'effect' | 'vanished'): { job: string; position: number }[] =>
  operations.flatMap((each) =>
    each.op === 'effect' || each.op === 'vanished'
      ? each.op === op
        ? [{ job: each.job, position: each.position }]
        : []
      : [],
  );

test('an effect is recorded once, when it is first seen', async () => {
  const polling = await open();
  sink.push({ job: 'a', node: 'node-1', key: 'a', amountCents: 5 });
  await vi.waitFor(() => expect(seen('effect')).toHaveLength(1), PATIENT);
  sink.push({ job: 'b' });
  expect(await polling.finish()).toEqual({ entriesAdded: 2, entriesRead: 2 });
  expect(operations).toMatchObject([
    { op: 'effect', job: 'a', node: 'node-1', key: 'a', amountCents: 5, source: 'live' },
    { op: 'effect', job: 'b', node: 'unknown', source: 'final' },
  ]);
});

test('a second effect of a job is one more, with positions and without', async () => {
  const polling = await open();
  sink.push({ job: 'a' }, { job: 'a' });
  await polling.finish();
  expect(seen('effect')).toEqual([
    { job: 'a', position: 1 },
    { job: 'a', position: 2 },
  ]);
});

test('an effect that was seen and is gone at the end is recorded as vanished', async () => {
  const polling = await open();
  sink.push({ job: 'a', position: 7 }, { job: 'b', position: 8 });
  await vi.waitFor(() => expect(seen('effect')).toHaveLength(2), PATIENT);
  sink.shift();
  expect(await polling.finish()).toEqual({ entriesAdded: 1, entriesRead: 1 });
  expect(seen('vanished')).toEqual([{ job: 'a', position: 7 }]);
});

test('effects may come one by one, and what a sink has null for was not said', async () => {
  const polling = await open(async function* () {
    for (const effect of sink) yield { ...effect, node: null, epoch: null };
  });
  sink.push({ job: 'a' });
  await polling.finish();
  expect(operations[0]).toMatchObject({ job: 'a', node: 'unknown' });
  expect(operations[0]).not.toHaveProperty('epoch');
});

test('an effect that names no job is marked as such', async () => {
  const polling = await open(() => sink.map(({ job }) => ({ key: job })));
  sink.push({ job: 'a' });
  await polling.finish();
  expect(operations[0]).toMatchObject({ op: 'effect', unnamed: true });
});

test('effects before the first job are refused: they are those of an earlier run', async () => {
  sink.push({ job: 'old' });
  await expect(open()).rejects.toThrow(
    /returned 1 effects before the first job.*of old.*setUp\(\)/,
  );
});

test('a readEffects that throws from the beginning is refused, with its words', async () => {
  const broken = (): never => {
    throw new TypeError('relation "bookings" does not exist');
  };
  await expect(open(broken)).rejects.toThrow(SystemUnusable);
  await expect(open(broken)).rejects.toThrow(/before the run began: relation "bookings"/);
});

test.each([[undefined], [42], [{}]])('a readEffects that returns %j is refused', async (given) => {
  await expect(open(() => given)).rejects.toThrow(/must return an array or an async iterable/);
});

test('a readEffects that throws for a while is noted, and followed on when it is well again', async () => {
  let ill = false;
  const polling = await open(() => {
    if (ill) throw new TypeError('the database is down');
    return [...sink];
  });
  ill = true;
  await vi.waitFor(() => expect(notes).toContainEqual(expect.stringContaining('is down')), PATIENT);
  ill = false;
  sink.push({ job: 'a' });
  await vi.waitFor(() => expect(seen('effect')).toHaveLength(1), PATIENT);
  await polling.finish();
  expect(failures).toEqual([]);
});

test('a readEffects that throws at the end leaves no end, and says what to do', async () => {
  let ill = false;
  const polling = await open(() => {
    if (ill) throw new TypeError('the database is down');
    return [];
  });
  ill = true;
  await expect(polling.finish()).rejects.toThrow('the database is down');
  expect(notes.at(-1)).toMatch(
    /at the end: the database is down.*runs on when the nodes have ended/,
  );
});

test('effects that are not of the form end the run, and each mistake has its place', async () => {
  await open(() => sink.map(() => ({ job: 'a', amountCents: '12', position: 0 })));
  sink.push({ job: 'a' });
  await vi.waitFor(() => expect(failures).toHaveLength(1), PATIENT);
  expect(failures[0]?.message).toMatch(/effect 0, position: .*\n.*effect 0, amountCents: /);
  expect(failures[0]?.message).toContain('Number()');
});

test('positions of some effects and not of others are refused', async () => {
  await open(() => sink.map((effect, i) => (i === 0 ? { ...effect, position: 1 } : effect)));
  sink.push({ job: 'a' }, { job: 'b' });
  await vi.waitFor(
    () => expect(failures[0]?.message).toMatch(/gave 1 of 2 effects a position/),
    PATIENT,
  );
});
