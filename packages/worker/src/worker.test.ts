import type { Lease, LeaseChange } from '@understudy/lease';
import { invariant } from '@understudy/runtime';
import { expect, test, vi } from 'vitest';
import { FakeLane, FakeLedger, job, manualSurroundings } from './fakes.test-support.ts';
import type { WorkerEvent } from './events.ts';
import type { WorkerDefinition } from './definition.ts';
import type { LaneHooks } from './parts.ts';
import { settingsFromEnvironment } from './settings.ts';
import type { RunningWorker } from './running-worker.ts';
import { startWorker } from './worker.ts';

const environment = {
  REDIS_URL: 'redis://127.0.0.1:1',
  LOCK_REDIS_URLS: 'redis://127.0.0.1:2',
  UNDERSTUDY_NODE_ID: 'node-1',
  UNDERSTUDY_GROUP: 'g',
  UNDERSTUDY_CONCURRENCY: '1',
};

interface Stage {
  worker: RunningWorker;
  lane: FakeLane;
  ledger: FakeLedger;
  events: WorkerEvent[];
  journal: string[];
  time: ReturnType<typeof manualSurroundings>['time'];
  hooks(): LaneHooks;
  elect(epoch: number): AbortController;
  depose(epoch: number, controller: AbortController): void;
}

/** A worker whose Redis parts are in memory; the test plays the lease. */
async function stage(
  mode: string,
  handle: WorkerDefinition<unknown>['handle'],
  rehearse?: (signal: AbortSignal) => Promise<void>,
): Promise<Stage> {
  const lane = new FakeLane();
  const ledger = new FakeLedger();
  const around = manualSurroundings();
  const events: WorkerEvent[] = [];
  const journal = lane.log;
  let hooks: LaneHooks | undefined;
  let change: (change: LeaseChange) => void = () => undefined;
  const lease: Lease = {
    start: () => void journal.push('contend'),
    leadership: undefined,
    fenced: (token) => void journal.push(`fenced ${token.epoch}`),
    stop: () => Promise.resolve(void journal.push('release')),
    [Symbol.asyncDispose]: () => lease.stop(),
  };
  const worker = startWorker(
    { queue: 'q', handle },
    {
      settings: settingsFromEnvironment({ ...environment, UNDERSTUDY_MODE: mode }),
      report: (event) => void events.push(event),
      ...(rehearse ? { rehearse } : {}),
      parts: {
        ledger: () => ledger,
        lane: (_settings, _definition, _around, given) => {
          hooks = given;
          return lane;
        },
        lease: (_settings, _ledger, _around, onChange) => {
          change = onChange;
          return lease;
        },
        announce: () =>
          Promise.resolve({
            incarnation: 'i1',
            [Symbol.asyncDispose]: () => Promise.resolve(void journal.push('withdraw')),
          }),
      },
      ...around,
    },
  );
  await vi.waitFor(() => expect(worker.state).not.toBe('starting'));
  return {
    ...{ worker, lane, ledger, events, journal, time: around.time },
    hooks() {
      invariant(hooks, 'a worker opens its lane');
      return hooks;
    },
    elect(epoch) {
      const controller = new AbortController();
      const token = { epoch, term: `t${epoch}` };
      change({ type: 'elected', token, signal: controller.signal, via: 'free', vacantSinceMs: 0 });
      return controller;
    },
    depose(epoch, controller) {
      controller.abort();
      change({ type: 'deposed', token: { epoch, term: `t${epoch}` }, reason: 'lost' });
    },
  };
}

const states = (events: readonly WorkerEvent[]): string[] =>
  events.flatMap((event) => (event.event === 'state' ? [event.state] : []));

test('a standby does not fetch, however much there is to do', async () => {
  const { worker, lane, journal } = await stage('active-passive', () => undefined);
  lane.push(job('p-1'));
  expect(worker.state).toBe('passive');
  expect(lane.waiting).toHaveLength(1);
  await worker.stop();
  expect(journal).toEqual(['contend', 'release', 'withdraw', 'dispose lane']);
});

test('R2: a takeover recovers what the dead left before it fetches', async () => {
  const { worker, lane, journal, elect } = await stage('active-passive', () => undefined);
  lane.push(job('p-1'));
  elect(1);
  await vi.waitFor(() => expect(journal).toContain('complete p-1'));
  expect(journal.slice(0, 3)).toEqual(['contend', 'recover', 'complete p-1']);
  await worker.stop();
});

test('a standby rehearses until it is elected, and says only then that it is ready', async () => {
  const rehearsals: AbortSignal[] = [];
  const { worker, events, elect } = await stage(
    'active-passive',
    () => undefined,
    (signal) => {
      rehearsals.push(signal);
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  );
  expect(rehearsals.map(({ aborted }) => aborted)).toEqual([false]);
  expect(events).not.toContainEqual({ event: 'ready' });
  elect(1);
  expect(rehearsals.map(({ aborted }) => aborted)).toEqual([true]);
  await vi.waitFor(() => expect(events).toContainEqual({ event: 'ready' }));
  await worker.stop();
});

test('a node that is stopped while it rehearses ends the rehearsal and leaves', async () => {
  const { worker, journal } = await stage(
    'active-passive',
    () => undefined,
    (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
  );
  await worker.stop();
  expect(journal).toEqual(['contend', 'release', 'withdraw', 'dispose lane']);
});

test('a rehearsal that fails changes nothing', async () => {
  const { worker, journal, events, lane, elect } = await stage(
    'active-passive',
    () => undefined,
    () => Promise.reject(new Error('no rights')),
  );
  await vi.waitFor(() => expect(events).toContainEqual({ event: 'ready' }));
  lane.push(job('p-1'));
  elect(1);
  await vi.waitFor(() => expect(journal).toContain('complete p-1'));
  await worker.stop();
});

test('nodes that all work from the start have nothing to rehearse', async () => {
  let rehearsals = 0;
  const { worker } = await stage(
    'active-active',
    () => undefined,
    () => Promise.resolve(void (rehearsals += 1)),
  );
  await worker.stop();
  expect(rehearsals).toBe(0);
});

test('a deposed leader hands back what is in flight and stands by again', async () => {
  const started = Promise.withResolvers<void>();
  const { worker, lane, ledger, journal, events, elect, depose } = await stage(
    'active-passive',
    (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve());
        started.resolve();
      }),
  );
  ledger.answer = () =>
    Promise.resolve({ status: 'fenced', reason: 'stale-token', currentEpoch: 2 });
  lane.push(job('p-1'));
  const controller = elect(1);
  await started.promise;
  depose(1, controller);
  await vi.waitFor(() => expect(journal).toContain('handBack p-1'));
  expect(states(events)).toEqual(['starting', 'passive', 'active', 'passive']);
  await worker.stop();
});

test('a lane is told each term under which it works, and when nothing more may be fetched under it', async () => {
  const { worker, lane, elect, depose } = await stage('active-passive', () => undefined);
  const told = (): [string | undefined, boolean][] =>
    lane.terms.map(({ term, signal }) => [term, signal.aborted]);
  expect(told()).toEqual([]);
  const first = elect(1);
  depose(1, first);
  elect(2);
  expect(told()).toEqual([
    ['t1', true],
    ['t2', false],
  ]);
  await worker.stop();
  expect(told()[1]).toEqual(['t2', true]);
  const leaderless = await stage('active-active', () => undefined);
  expect(leaderless.lane.terms.map(({ term }) => term)).toEqual([undefined]);
  await leaderless.worker.stop();
});

test('L6: a lane that finds its term superseded tells the lease', async () => {
  const { worker, hooks, journal, elect } = await stage('active-passive', () => undefined);
  elect(3);
  hooks().onFenced({ epoch: 3, term: 't3' });
  expect(journal).toContain('fenced 3');
  await worker.stop();
});

test('L6: a fenced commit is told to the lease, with the token that was refused', async () => {
  const { worker, lane, ledger, journal, elect } = await stage('active-passive', () => undefined);
  ledger.answer = () =>
    Promise.resolve({ status: 'fenced', reason: 'stale-token', currentEpoch: 9 });
  lane.push(job('p-1'));
  const controller = elect(4);
  await vi.waitFor(() => expect(journal).toContain('fenced 4'));
  controller.abort();
  await worker.stop();
});

test('L11: a stop commits what is in flight, then releases, then leaves', async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const { worker, lane, journal, events, elect } = await stage('active-passive', async () => {
    started.resolve();
    await finish.promise;
  });
  lane.push(job('p-1'), job('p-2'));
  elect(1);
  await started.promise;
  const stopped = worker.stop();
  expect(worker.state).toBe('draining');
  finish.resolve();
  await stopped;
  expect(journal).toEqual([
    'contend',
    'recover',
    'complete p-1',
    'release',
    'withdraw',
    'dispose lane',
  ]);
  expect(lane.waiting.map(({ id }) => id)).toEqual(['p-2']);
  expect(states(events).at(-1)).toBe('stopped');
});

test('a node leaves when the queue knows of every job that was done', async () => {
  const { worker, lane, journal } = await stage('active-active', () => undefined);
  const told = Promise.withResolvers<'completed'>();
  lane.told = told.promise;
  lane.push(job('p-1'), job('p-2'));
  await vi.waitFor(() => expect(journal).toContain('complete p-2'));
  const stopped = worker.stop();
  await vi.waitFor(() => expect(worker.state).toBe('draining'));
  await new Promise((resolve) => setImmediate(resolve));
  expect(journal).not.toContain('dispose lane');
  expect(worker.state).toBe('draining');
  told.resolve('completed');
  await stopped;
  expect(worker.state).toBe('stopped');
});

test('a drain that takes too long aborts the handlers and hands their jobs back', async () => {
  const started = Promise.withResolvers<void>();
  const { worker, lane, time, journal } = await stage('active-active', async (_, { signal }) => {
    started.resolve();
    await new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => reject(new Error('told to stop'))),
    );
  });
  lane.push(job('p-1'));
  await started.promise;
  const stopped = worker.stop();
  time.advance(10_000);
  await stopped;
  expect(journal).toContain('handBack p-1');
});

test('a leaderless worker whose group is led gives up and says why', async () => {
  const { worker, lane, ledger } = await stage('active-active', () => undefined);
  ledger.answer = () =>
    Promise.resolve({ status: 'fenced', reason: 'token-required', currentEpoch: 3 });
  lane.push(job('p-1'));
  await expect(worker.done).rejects.toThrow(/use another group, or mode active-passive/);
});

test('settings name every fault at once', () => {
  const read = (): unknown =>
    settingsFromEnvironment({
      REDIS_URL: 'localhost',
      UNDERSTUDY_GROUP: 'a b',
      UNDERSTUDY_LANE: 'kafka',
    });
  expect(read).toThrow(/REDIS_URL/);
  expect(read).toThrow(/UNDERSTUDY_NODE_ID/);
  expect(read).toThrow(/UNDERSTUDY_GROUP/);
  expect(read).toThrow(/UNDERSTUDY_LANE/);
  expect(read).toThrow(/LOCK_REDIS_URLS/);
});

test('a leaderless worker needs no lock nodes', () => {
  const { LOCK_REDIS_URLS: _, ...rest } = environment;
  const settings = settingsFromEnvironment({ ...rest, UNDERSTUDY_MODE: 'active-active' });
  expect(settings.lockUrls).toEqual([]);
});
