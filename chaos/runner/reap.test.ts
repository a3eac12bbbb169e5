import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { readHistory } from '@understudy/history';
import { findRedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupStates, startTimeOf } from '../drivers/process-table.ts';
import { runResultSchema } from '../report/result.ts';
import { reapAbandonedRuns } from './reap.ts';
import { makeRunDirectory, readLabFile, runsDirectory, writeLabFile } from './run-directory.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAB = fileURLToPath(new URL('./fixtures/lab.ts', import.meta.url));
const found = findRedisServer(ROOT, process.env);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-reap-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const facts = {
  run: 'r-1',
  experiment: 'calm',
  mode: 'active-active',
  seed: 1,
  nodes: ['node-1'],
  jobs: 10,
  startedAt: '2026-11-23T10:00:00.000Z',
  versions: {},
} as const;

/** A pid with the start time of nobody: as if its process had died. */
function abandoned(): string {
  const directory = makeRunDirectory(root, facts);
  const lab = readLabFile(directory);
  invariant(lab, 'lab.json was written');
  writeLabFile(directory, { ...lab, startTime: 'long ago' });
  return directory;
}

const processEntry = (pid: number, startTime: string): string =>
  `${JSON.stringify({ kind: 'process', what: 'node-1', pid, startTime, undo: 'x' })}\n`;

test('a lab killed in the middle leaves nothing after the next start, not even paused nodes', async () => {
  invariant(found, 'setup has found a redis-server');
  const lab = spawn(process.execPath, [LAB, root, 'active-active'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, REDIS_SERVER: found.path },
  });
  for await (const line of createInterface({ input: lab.stdout })) {
    if (line === 'fault landed') break;
  }
  lab.kill('SIGKILL');
  await once(lab, 'exit');

  const [run = ''] = readdirSync(runsDirectory(root));
  const directory = join(runsDirectory(root), run);
  const entries = readFileSync(join(directory, 'undo.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { kind: string; pid: number; startTime: string });
  const processes = entries.filter(({ kind }) => kind === 'process');
  // A Redis server and two nodes; a node that writes to the dead lab may have ended by itself.
  expect(processes).toHaveLength(3);
  const paused = entries.find(({ kind }) => kind === 'fault');
  expect(groupStates(paused?.pid ?? 0)).toBe('T');

  const reaped = await reapAbandonedRuns(root);
  expect(reaped).toHaveLength(1);
  expect(reaped[0]?.ended.length).toBeGreaterThanOrEqual(2);
  for (const { pid, startTime } of processes) expect(startTimeOf(pid)).not.toBe(startTime);
  expect(existsSync(join(directory, 'redis'))).toBe(false);
  const result: unknown = JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8'));
  expect(runResultSchema.parse(result)).toMatchObject({ status: 'interrupted', run });
  expect(runResultSchema.parse(result).durationMs).toBeGreaterThan(0);
  const history = await readHistory(join(directory, 'history.ndjson'));
  let operations = 0;
  for await (const batch of history.batches) operations += batch.length;
  expect(operations).toBeGreaterThan(0);

  expect(await reapAbandonedRuns(root)).toEqual([]);
});

test('a process that only has the pid of one that was recorded is left alone', async () => {
  const directory = abandoned();
  const bystander = spawn('/bin/sh', ['-c', 'read x'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = bystander.pid as number;
  writeFileSync(join(directory, 'undo.ndjson'), processEntry(pid, 'another start'));
  const [reaped] = await reapAbandonedRuns(root);
  expect(reaped?.ended).toEqual([]);
  expect(startTimeOf(pid)).toBeDefined();
  bystander.stdin.end('\n');
  await once(bystander, 'exit');
});

test('an entry that was torn off when the lab died does not hide those before it', async () => {
  const directory = abandoned();
  const left = spawn('/bin/sh', ['-c', 'read x'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const pid = left.pid as number;
  const text = `${processEntry(pid, startTimeOf(pid) ?? '')}{"kind":"process","what":`;
  writeFileSync(join(directory, 'undo.ndjson'), text);
  const exited = once(left, 'exit');
  const [reaped] = await reapAbandonedRuns(root);
  expect(reaped?.ended).toEqual([`node-1, pid ${pid}`]);
  expect(await exited).toEqual([null, 'SIGKILL']);
});

test('the run of a lab that lives is left alone, and so is one that has ended', async () => {
  const directory = makeRunDirectory(root, facts);
  expect(await reapAbandonedRuns(root)).toEqual([]);
  expect(readLabFile(directory)?.status).toBe('running');
  const lab = readLabFile(directory);
  invariant(lab, 'lab.json was written');
  writeLabFile(directory, { ...lab, startTime: 'long ago', status: 'done' });
  expect(await reapAbandonedRuns(root)).toEqual([]);
});

test('what is no run, or has no readable lab.json, is passed over', async () => {
  mkdirSync(join(runsDirectory(root), 'something'), { recursive: true });
  mkdirSync(join(runsDirectory(root), 'broken'));
  writeFileSync(join(runsDirectory(root), 'broken', 'lab.json'), '{');
  expect(await reapAbandonedRuns(root)).toEqual([]);
  expect(await reapAbandonedRuns(join(root, 'nowhere'))).toEqual([]);
});
