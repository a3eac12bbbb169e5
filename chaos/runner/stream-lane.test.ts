import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findRedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { calm } from '../experiments/calm.ts';
import { runExperiment } from './run-experiment.ts';
import type { FinishedRun } from './run-options.ts';
import type { RequestedSettings } from './settings.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TINY_WORKER = fileURLToPath(new URL('./fixtures/tiny-stream-worker.mjs', import.meta.url));
const JOBS = Array.from({ length: 400 }, (_, i) => ({
  id: `p-${i}`,
  account: `a-${i % 7}`,
  amountCents: i,
}));

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-stream-lane-'));
});
afterAll(() => rmSync(root, { recursive: true }));

function run(settings: Partial<RequestedSettings>): Promise<FinishedRun> {
  const found = findRedisServer(ROOT, process.env);
  invariant(found, 'setup has found a redis-server');
  return runExperiment({
    root,
    experiment: calm,
    environment: { ...process.env, REDIS_SERVER: found.path },
    settings: {
      ...{ mode: 'active-passive', lane: 'stream', nodes: 1, jobs: JOBS },
      duplicates: 0.05,
      workerCommand: [process.execPath, TINY_WORKER],
      ...settings,
    },
  });
}

test('a fleet on the stream lane is judged by everything, order included', async () => {
  const poison = ['p-7', 'p-200'];
  const { result, directory } = await run({ poison });
  expect(result.checkers.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
  expect(result).toMatchObject({ status: 'pass', lane: 'stream' });
  expect(result.counts).toMatchObject({ ok: 398, parked: 2, parkedJobs: poison, inversions: 0 });
  // All but the first of each account could have been seen to come too early, and what has no effect.
  expect(result.counts?.compared).toBe(400 - 7 - 2);

  const kept = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), 'utf8'));
  expect(kept('schedule.json')).toMatchObject({ settings: { lane: 'stream' } });
  expect(kept('lab.json')).toMatchObject({ lane: 'stream' });
  const [header = '', ...lines] = readFileSync(join(directory, 'history.ndjson'), 'utf8')
    .trim()
    .split('\n');
  expect(JSON.parse(header)).toMatchObject({ lane: 'stream', expect: { ordered: true } });
  expect(JSON.parse(lines.find((line) => line.includes('"op":"end"')) ?? '{}')).toMatchObject({
    queue: { waiting: 0, delivered: 0 },
    pendingJobs: [],
  });
});

test('one that keeps no order is refuted by that, and by nothing else', async () => {
  const { result } = await run({ environment: { TINY_BACKWARDS: 'yes' } });
  const failed = result.checkers.filter(({ verdict }) => verdict === 'fail');
  expect(failed).toMatchObject([{ checker: 'order', decidedBy: ['inverted'] }]);
});

test('where all nodes work no order is promised, and none is judged', async () => {
  const environment = { TINY_BACKWARDS: 'yes' };
  const { result } = await run({ mode: 'active-active', environment });
  expect(result.status).toBe('pass');
  expect(result.counts?.inversions).toBeGreaterThan(0);
});
