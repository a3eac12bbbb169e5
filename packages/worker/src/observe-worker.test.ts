import { CommitUnknown, InvalidCommit, type CommitOutcome } from '@understudy/exactly-once';
import type { LeaseChange } from '@understudy/lease';
import { openNodeMetrics } from '@understudy/telemetry';
import { expect, test, vi } from 'vitest';
import type { WorkerDefinition } from './definition.ts';
import { FakeLane, FakeLedger, job, manualSurroundings } from './fakes.test-support.ts';
import { observeWorker } from './observe-worker.ts';
import { settingsFromEnvironment } from './settings.ts';
import { startWorker } from './worker.ts';

const settings = settingsFromEnvironment({
  REDIS_URL: 'redis://127.0.0.1:1',
  LOCK_REDIS_URLS: 'redis://127.0.0.1:2',
  UNDERSTUDY_NODE_ID: 'node-1',
  UNDERSTUDY_GROUP: 'g',
  UNDERSTUDY_CONCURRENCY: '1',
});

/** An observed worker whose parts are in memory; the test plays lease and ledger. */
async function stage(handle: WorkerDefinition<unknown>['handle'] = () => undefined) {
  const [lane, ledger, around] = [new FakeLane(), new FakeLedger(), manualSurroundings()];
  const metrics = await openNodeMetrics({ group: 'g', mode: 'm', node: 'n' }, around.time);
  let change: (change: LeaseChange) => void = () => undefined;
  let deadlineMs: number | undefined;
  const leadership = { token: { epoch: 1, term: 't' }, signal: new AbortController().signal };
  const observed = observeWorker(
    { queue: 'q', handle },
    {
      ...{ ...around, settings },
      parts: {
        ledger: () => ledger,
        lane: () => lane,
        lease: (_settings, _ledger, _around, onChange) => {
          change = onChange;
          return {
            start: () => undefined,
            get leadership() {
              return deadlineMs === undefined ? undefined : { ...leadership, deadlineMs };
            },
            fenced: () => undefined,
            stop: () => Promise.resolve(),
            [Symbol.asyncDispose]: () => Promise.resolve(),
          };
        },
        announce: () =>
          Promise.resolve({ incarnation: 'i', [Symbol.asyncDispose]: () => Promise.resolve() }),
      },
    },
    metrics,
  );
  const worker = startWorker(observed.definition, observed.options);
  await vi.waitFor(() => expect(worker.state).not.toBe('starting'));
  return {
    ...{ worker, lane, ledger, observed, metrics, time: around.time },
    elect(vacantSinceMs: number, untilMs: number): void {
      deadlineMs = untilMs;
      const token = { epoch: 7, term: 't' };
      const { signal } = new AbortController();
      change({ type: 'elected', token, signal, via: 'presence', vacantSinceMs });
    },
    depose(): void {
      deadlineMs = undefined;
      change({ type: 'deposed', token: { epoch: 7, term: 't' }, reason: 'lost' });
    },
    /** The value of a metric without labels of its own. */
    async value(name: string): Promise<number | undefined> {
      const own = `understudy_${name}{group="g",mode="m",node="n"} `;
      const line = (await metrics.page.text()).split('\n').find((each) => each.startsWith(own));
      return line === undefined ? undefined : Number(line.slice(own.length));
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      observed.close();
    },
  };
}

test('what a node is and what it leads under is seen from its start to its end', async () => {
  const { worker, observed, elect, depose, value, time } = await stage();
  const seen = async (): Promise<unknown[]> => [await value('node_state'), await value('epoch')];
  expect(await seen()).toEqual([1, 0]);
  elect(0, 1000);
  expect(await seen()).toEqual([2, 7]);
  depose();
  expect(await seen()).toEqual([1, 0]);
  await worker.stop();
  expect(await seen()).toEqual([4, 0]);
  observed.close();
  expect(time.pending).toBe(0);
});

test('a takeover took from the moment the lease could be had until the node was active', async () => {
  await using node = await stage();
  node.time.advance(1040);
  node.elect(1000, 3000);
  expect(await node.value('takeovers_total')).toBe(1);
  expect(await node.value('last_takeover_duration_seconds')).toBe(0.04);
  expect(await node.value('takeover_duration_seconds_sum')).toBe(0.04);
  expect(await node.value('last_takeover_timestamp_seconds')).toBe(1.04);
});

test('the lease lasts until its own deadline, and nobody without one has any of it left', async () => {
  await using node = await stage();
  expect(await node.value('lease_remaining_seconds')).toBe(0);
  node.elect(0, 1500);
  expect(await node.value('lease_remaining_seconds')).toBe(1.5);
  node.time.advance(2000);
  expect(await node.value('lease_remaining_seconds')).toBe(0);
});

test('a job is counted when it comes and in hand until it is settled, and its handler is timed', async () => {
  const handling = Promise.withResolvers<void>();
  await using node = await stage(() => handling.promise);
  node.lane.push(job('p-1'), job('p-2'));
  node.elect(0, 9000);
  await vi.waitFor(async () => expect(await node.value('attempts_in_flight')).toBe(1));
  expect(await node.value('handler_duration_seconds_count')).toBe(0);
  node.time.advance(30);
  handling.resolve();
  await vi.waitFor(async () => expect(await node.value('jobs_fetched_total')).toBe(2));
  await vi.waitFor(async () => expect(await node.value('attempts_in_flight')).toBe(0));
  expect(await node.value('handler_duration_seconds_count')).toBe(2);
  expect(await node.value('handler_duration_seconds_sum')).toBeCloseTo(0.03);
  expect(await node.value('effects_committed_total')).toBe(2);
});

test('commits are counted by what the ledger answered', async () => {
  await using node = await stage();
  const answers: CommitOutcome[] = [
    { status: 'applied', position: '1-0' },
    { status: 'duplicate', position: '1-0', tokenCurrent: true },
    { status: 'fenced', reason: 'stale-token', currentEpoch: 9 },
  ];
  node.ledger.answer = () => Promise.resolve(answers.shift() ?? { status: 'capacity', keys: 1 });
  node.lane.push(job('p-1'), job('p-2'), job('p-3'));
  node.elect(0, 9000);
  await vi.waitFor(async () => expect(await node.value('commit_duration_seconds_count')).toBe(3));
  expect(await node.value('effects_committed_total')).toBe(1);
  expect(await node.value('duplicates_suppressed_total')).toBe(1);
  expect(await node.value('commits_fenced_total')).toBe(1);
  expect(node.lane.log).toContain('handBack p-3');
});

test('a commit without an answer is timed; one that was never sent is not', async () => {
  await using node = await stage();
  const failures = [new CommitUnknown('lost'), new InvalidCommit('wrong')];
  node.ledger.answer = () => {
    const failure = failures.shift();
    return failure ? Promise.reject(failure) : Promise.resolve({ status: 'applied', position: '' });
  };
  node.lane.push(job('p-1'));
  node.elect(0, 9000);
  await vi.waitFor(async () => expect(await node.value('commit_duration_seconds_count')).toBe(1));
  // The worker asks again after a pause; that request is refused before it is sent.
  node.time.advance(100);
  await vi.waitFor(() => expect(node.lane.log).toContain('failAttempt p-1'));
  expect(await node.value('commit_duration_seconds_count')).toBe(1);
  expect(await node.value('effects_committed_total')).toBe(0);
});

test('a handler that throws consumes an attempt, is timed, and its job may be parked', async () => {
  await using node = await stage(() => Promise.reject(new Error('always')));
  node.lane.push(job('p-1'));
  node.elect(0, 9000);
  await vi.waitFor(async () => expect(await node.value('jobs_parked_total')).toBe(1));
  expect(await node.value('attempts_failed_total')).toBe(1);
  expect(await node.value('handler_duration_seconds_count')).toBe(1);
  expect(await node.value('attempts_in_flight')).toBe(0);
});

test('jobs that were taken back from the dead are counted', async () => {
  await using node = await stage();
  const taken = ['q-1', 'q-2'].map((queueId) => ({ queueId, incarnation: 'dead' }));
  node.lane.recover = () => Promise.resolve({ taken, parked: ['q-3'], absent: ['dead'] });
  node.elect(0, 9000);
  await vi.waitFor(async () => expect(await node.value('jobs_recovered_total')).toBe(2));
  expect(await node.value('jobs_parked_total')).toBe(1);
});

test('the queue is asked when the page is read, and shows nothing while it does not answer', async () => {
  await using node = await stage();
  node.lane.backlog = () =>
    Promise.resolve({
      jobs: { waiting: 4, active: 1, delayed: 0, parked: 2 },
      nextWaitingAgeMs: 2500,
    });
  expect(await node.metrics.page.text()).toMatch(/queue_jobs\{state="waiting",.*\} 4\n/);
  expect(await node.value('oldest_waiting_job_age_seconds')).toBe(2.5);
  node.lane.backlog = () => Promise.reject(new Error('no rights'));
  expect(await node.metrics.page.text()).not.toMatch(/queue_jobs\{/);
});

test('a node whose ledger does not answer is not ready, and says so in bounded time', async () => {
  await using node = await stage();
  node.ledger.readEpoch = () => new Promise(() => undefined);
  const asked = node.observed.readiness();
  node.time.advance(400);
  expect(await asked).toMatchObject({
    state: 'passive',
    trouble: 'the data Redis does not answer',
    redis: { data: false },
  });
});

test('a worker that is observed reports to whom it was told to', async () => {
  const metrics = await openNodeMetrics({ group: 'g', mode: 'm', node: 'n' });
  const events: unknown[] = [];
  const around = manualSurroundings();
  const report = (event: unknown): void => void events.push(event);
  const observed = observeWorker(
    { queue: 'q', handle: () => undefined },
    { ...around, settings, report },
    metrics,
  );
  observed.options.report?.({ event: 'ready' });
  expect(events).toEqual([{ event: 'ready' }]);
  observed.close();
});
