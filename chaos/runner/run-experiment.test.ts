import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Operation, readHistory } from '@understudy/history';
import { connect, findRedisServer, launchRedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTimeOf } from '../drivers/process-table.ts';
import { type UndoEntry, undoEntrySchema } from '../drivers/undo-journal.ts';
import type { Experiment } from '../experiments/experiment.ts';
import { runResultSchema } from '../report/result.ts';
import { afterEffects, at, type Moment } from '../schedule/builders.ts';
import type { Step } from '../schedule/step.ts';
import type { LabEvent, Phase } from './events.ts';
import { runExperiment } from './run-experiment.ts';
import type { FinishedRun, RunOptions } from './run-options.ts';
import type { RequestedSettings } from './settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TINY_WORKER = fileURLToPath(new URL('./fixtures/tiny-worker.mjs', import.meta.url));
const found = findRedisServer(ROOT, process.env);
const LENIENT_MS = 15_000;

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-runs-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const experiment = (...steps: readonly Step[]): Experiment => ({
  name: 'test',
  shows: 'what the test is about',
  expects: 'what the test expects',
  schedule: () => steps,
});
const jobs = (count: number): RequestedSettings['jobs'] =>
  Array.from({ length: count }, (_, i) => ({
    id: `p-${i}`,
    account: `a-${i % 5}`,
    amountCents: i,
  }));

function run(
  steps: readonly Step[],
  settings: Partial<RequestedSettings>,
  more: Partial<RunOptions> = {},
): Promise<FinishedRun> {
  invariant(found, 'setup has found a redis-server');
  return runExperiment({
    root,
    experiment: experiment(...steps),
    environment: { ...process.env, REDIS_SERVER: found.path },
    settings: {
      mode: 'active-active',
      nodes: 2,
      jobs: jobs(200),
      ttlMs: 300,
      lockDurationMs: 300,
      duplicates: 0.05,
      // BullMQ's own recovery is slow, and these tests are about the lab.
      takeoverLimitMs: {
        kill: LENIENT_MS,
        stop: LENIENT_MS,
        pause: LENIENT_MS,
        'crash-at': LENIENT_MS,
      },
      workerCommand: [process.execPath, TINY_WORKER],
      ...settings,
    },
    ...more,
  });
}

const afterHalf: Moment = afterEffects(100);
const undoEntries = (directory: string): UndoEntry[] =>
  readFileSync(join(directory, 'undo.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => undoEntrySchema.parse(JSON.parse(line)));

/** Everything a run ever started is gone, and it says itself how it ended. */
function expectNothingLeft(directory: string, status: string): void {
  const started = undoEntries(directory).filter((entry) => entry.kind === 'process');
  expect(started.length).toBeGreaterThan(0);
  for (const { pid, startTime } of started) expect(startTimeOf(pid)).not.toBe(startTime);
  expect(existsSync(join(directory, 'redis'))).toBe(false);
  const lab = JSON.parse(readFileSync(join(directory, 'lab.json'), 'utf8')) as { status: string };
  expect(lab.status).toBe(status);
}

test('a foreign worker that commits idempotently passes under kill, pause and stop', async () => {
  const phases: Phase[] = [];
  const { directory, result } = await run(
    [
      afterEffects(30).kill('leader', { restartAfter: 100 }),
      afterEffects(80).pause('leader', { for: 600 }),
      afterEffects(130).stop('any', { restartAfter: 100 }),
    ],
    {},
    {
      onEvent: (event) => {
        if (event.type === 'phase' && phases.at(-1) !== event.phase) phases.push(event.phase);
      },
    },
  );
  expect(result.checkers.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  expect(result.status).toBe('pass');
  expect(result.counts).toMatchObject({ accepted: 200, ok: 200, duplicated: 0, lost: 0 });
  expect(result.counts?.duplicateEnqueues).toBe(10);
  expect(result.faults.map(({ landed, evidence }) => ({ landed, evidence }))).toEqual([
    { landed: true, evidence: expect.stringMatching(/^pid \d+ ended by SIGKILL$/) },
    { landed: true, evidence: expect.stringMatching(/^pid \d+ is in state T/) },
    { landed: true, evidence: expect.stringMatching(/^pid \d+ exited with code 0 after SIGTERM$/) },
  ]);
  expect(result.faults.every(({ healedAt }) => healedAt !== undefined)).toBe(true);
  expect(phases).toEqual(['starting', 'steady', 'running', 'settling', 'judging', 'done']);

  const kept: unknown = JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8'));
  expect(runResultSchema.parse(kept)).toEqual(JSON.parse(JSON.stringify(result)));
  expectNothingLeft(directory, 'done');
});

test('a foreign worker is reached within: its loop blocked, its clock set, stopped where it says', async () => {
  const { result } = await run(
    [
      afterEffects(20).stall('leader', { for: 300 }),
      afterEffects(60).clockSkew('leader', { by: '-60m', for: 100 }),
      afterEffects(100).crashAt('leader', {
        failpoint: 'before-eval',
        passing: 2,
        restartAfter: 100,
      }),
    ],
    // Work enough that there is some left for each, however long the one before took.
    { jobs: jobs(600) },
  );
  expect(result.faults.map(({ landed, evidence }) => ({ landed, evidence }))).toEqual([
    { landed: true, evidence: expect.stringMatching(/leaves pings unanswered/) },
    { landed: true, evidence: expect.stringMatching(/ms ahead of the lab's and is -\d+ ms ahead/) },
    {
      landed: true,
      evidence: expect.stringMatching(
        /stood at before-eval, passing 2, for p-\d+, and ended by SIG/,
      ),
    },
  ]);
  expect(result.checkers.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  expect(result.status).toBe('pass');
});

test('a job whose handler kills its process is survived by a fleet whose nodes are started again', async () => {
  const { result } = await run([], {
    deadly: ['p-50'],
    // The fixture dies of it once, and is innocent afterwards.
    environment: { TINY_DIES_OF: 'p-50' },
    respawnAfterMs: 50,
  });
  expect(result.counts).toMatchObject({ accepted: 200, lost: 0, duplicated: 0 });
  expect(result.checkers.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
});

test('the same worker without keys is refuted, and the duplicated jobs are named', async () => {
  const { result } = await run([afterHalf.kill('any', { restartAfter: 100 })], {
    mode: 'uncoordinated',
  });
  expect(result.status).toBe('fail');
  // At least those that were enqueued twice on purpose.
  expect(result.counts?.duplicated).toBeGreaterThanOrEqual(10);
  expect(result.counts?.duplicatedJobs.length).toBeGreaterThanOrEqual(10);
  expect(result.checkers.find(({ checker }) => checker === 'outcome')?.verdict).toBe('fail');
});

test('the servers of a refuted run are kept as they were judged, and its nodes can be started again', async () => {
  const seen: unknown[] = [];
  const { directory, result } = await run(
    [],
    { mode: 'uncoordinated', jobs: jobs(60) },
    {
      keep: async (kept) => {
        const lab = readFileSync(join(kept.directory, 'lab.json'), 'utf8');
        const look = connect(kept.redis.dataUrl, { purpose: 'observe', name: 'test' });
        const keys = await look.keys(`${kept.keyPrefix}*`);
        look.disconnect();
        const before = undoEntries(kept.directory).length;
        const nodes = await kept.startNodes();
        const alive = nodes.map(({ pid }) => startTimeOf(pid) !== undefined);
        const noted = undoEntries(kept.directory).length - before;
        seen.push((JSON.parse(lab) as { status: string }).status, keys.length > 0, alive, noted);
      },
    },
  );
  expect(seen).toEqual(['kept', true, [true, true], 2]);
  expect(result.status).toBe('fail');
  expectNothingLeft(directory, 'done');
});

test('nothing is kept of a run that was not refuted', async () => {
  let asked = 0;
  const keep = (): Promise<void> => {
    asked += 1;
    return Promise.resolve();
  };
  const { directory, result } = await run([], { jobs: jobs(20) }, { keep });
  expect({ asked, status: result.status }).toEqual({ asked: 0, status: 'pass' });
  expectNothingLeft(directory, 'done');
});

test('a step that never fires makes a run inconclusive that nothing refuted', async () => {
  const { result } = await run([afterEffects(1000).kill('any')], { jobs: jobs(20) });
  expect(result.status).toBe('inconclusive');
  expect(result.faults).toMatchObject([
    { id: 'f1', landed: false, evidence: expect.stringContaining('never fired') },
  ]);
  expect(result.counts).toMatchObject({ ok: 20 });
});

test('an interrupted run ends everything it started and leaves a readable history', async () => {
  const interrupt = new AbortController();
  const seen: LabEvent[] = [];
  const { directory, result } = await run(
    [at(50).pause('node-1', { for: '1m' })],
    { rate: 50 },
    {
      signal: interrupt.signal,
      onEvent: (event) => {
        seen.push(event);
        const landed = event.type !== 'phase' && event.op === 'fault' && event.phase === 'landed';
        if (landed) interrupt.abort();
      },
    },
  );
  expect(result).toMatchObject({ status: 'interrupted', counts: null, checkers: [] });
  expect(result.faults).toMatchObject([{ landed: true, target: 'node-1' }]);
  expectNothingLeft(directory, 'interrupted');
  const history = await readHistory(join(directory, 'history.ndjson'));
  const operations: Operation[] = [];
  for await (const operation of history.operations) operations.push(operation);
  expect(history.torn).toBe(false);
  expect(operations.some(({ op }) => op === 'fault')).toBe(true);
});

test('a run that is interrupted before it began starts no node', async () => {
  const { directory, result } = await run([], {}, { signal: AbortSignal.abort() });
  expect(result.status).toBe('interrupted');
  expect(existsSync(join(directory, 'result.json'))).toBe(true);
  expectNothingLeft(directory, 'interrupted');
});

test('a node that dies at start is an error with the end of its log, and nothing is left', async () => {
  let directory = '';
  const failing = run(
    [],
    { workerCommand: ['/bin/sh', '-c', 'echo "no ledger configured" >&2; exit 1'] },
    { onEvent: (event) => event.type === 'phase' && (directory = event.directory) },
  );
  await expect(failing).rejects.toMatchObject({
    code: 'NODE_FAILED',
    message: expect.stringMatching(
      /exited with code 1 before it was ready[^]*no ledger configured/,
    ),
  });
  expectNothingLeft(directory, 'failed');
});

test('a display that throws ends the run with its error, and nothing is left', async () => {
  let directory = '';
  const failing = run(
    [],
    {},
    {
      onEvent: (event) => {
        if (event.type === 'phase') directory = event.directory;
        else throw new TypeError('the display broke');
      },
    },
  );
  await expect(failing).rejects.toThrow('the display broke');
  expectNothingLeft(directory, 'failed');
});

test('a root that cannot hold a run is an error before anything is started', async () => {
  const file = join(root, 'in-the-way');
  mkdirSync(file);
  writeFileSync(join(file, '.understudy'), '');
  await expect(run([], {}, { root: file })).rejects.toMatchObject({
    code: 'RUN_DIRECTORY_UNUSABLE',
  });
});

test('a schedule that cannot be carried out is refused before a directory is made', async () => {
  const empty = mkdtempSync(join(root, 'empty-'));
  await expect(run([at(0).kill('node-9')], {}, { root: empty })).rejects.toMatchObject({
    code: 'INVALID_SCHEDULE',
  });
  expect(existsSync(join(empty, '.understudy'))).toBe(false);
});

test('a fleet that is served by Redis servers of the user leaves none of its keys there', async () => {
  invariant(found, 'setup has found a redis-server');
  await using server = await launchRedisServer({
    executable: found.path,
    directory: mkdtempSync(join(root, 'redis-')),
  });
  const redis = { dataUrl: server.url, lockUrls: [server.url] };
  const { directory, result } = await run([], { jobs: jobs(20) }, { redis });
  expect(result.status).toBe('pass');
  expect(existsSync(join(directory, 'redis'))).toBe(false);
  const look = connect(server.url, { purpose: 'observe', name: 'test' });
  expect(await look.keys('understudy:*')).toEqual([]);
  look.disconnect();
});
