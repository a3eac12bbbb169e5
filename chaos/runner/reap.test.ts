import { type ChildProcess, spawn } from 'node:child_process';
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
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { readHistory } from '@understudy/history';
import { findRedisServer } from '@understudy/redis';
import { invariant } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupMembers, groupStates, startTimeOf } from '../drivers/process-table.ts';
import { runResultSchema } from '../report/result.ts';
import { at } from '../schedule/builders.ts';
import type { Step } from '../schedule/step.ts';
import { reapAbandonedRuns } from './reap.ts';
import { makeRunDirectory, readLabFile, runsDirectory, writeLabFile } from './run-directory.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LAB = fileURLToPath(new URL('./fixtures/lab.ts', import.meta.url));
const TINY_WORKER = fileURLToPath(new URL('./fixtures/tiny-worker.mjs', import.meta.url));
const found = findRedisServer(ROOT, process.env);

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'understudy-reap-'));
});
let lab: ChildProcess | undefined;
afterEach(async () => {
  // Of a test that failed nothing may be left either.
  lab?.kill('SIGKILL');
  await reapAbandonedRuns(root);
  rmSync(root, { recursive: true });
});

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

/** Starts a lab, and kills it as soon as it has said `line`. Returns the directory of its run. */
async function killLabAt(line: string, step: Step, command: readonly string[]): Promise<string> {
  invariant(found, 'setup has found a redis-server');
  const words = [LAB, root, 'active-active', JSON.stringify(step), ...command];
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, REDIS_SERVER: found.path },
  });
  lab = child;
  const exited = once(child, 'exit');
  let heard = '';
  for await (const said of createInterface({ input: child.stdout })) {
    heard = said;
    if (said === line) break;
  }
  expect(heard).toBe(line);
  child.kill('SIGKILL');
  await exited;
  const [run = ''] = readdirSync(runsDirectory(root));
  return join(runsDirectory(root), run);
}

interface JournalEntry {
  readonly kind: string;
  readonly pid: number;
  readonly startTime: string;
}

function journalOf(directory: string): readonly JournalEntry[] {
  const lines = readFileSync(join(directory, 'undo.ndjson'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as JournalEntry);
}

function expectNothingLeft(directory: string): void {
  for (const { pid, startTime } of journalOf(directory)) {
    expect(startTimeOf(pid)).not.toBe(startTime);
    expect(groupMembers(pid)).toEqual([]);
  }
  expect(existsSync(join(directory, 'redis'))).toBe(false);
}

/**
 * One fault for each kind of thing that may be left: a node that is gone, one that stands still, one
 * that is blocked, one that waits to be killed, a proxy, a server that is gone or stands still. They
 * last so long that they are in force when the lab dies.
 */
const LASTING = { for: '10m' };
const LATE = { restartAfter: '10m' };
const LEAVING: readonly Omit<Step, 'trigger'>[] = [
  { fault: 'kill', target: 'node-2', parameters: LATE },
  { fault: 'pause', target: 'node-2', parameters: LASTING },
  { fault: 'stall', target: 'node-2', parameters: LASTING },
  {
    fault: 'crash-at',
    target: 'node-2',
    parameters: { failpoint: 'before-commit', ...LATE },
  },
  { fault: 'partition', target: 'node-2', parameters: LASTING },
  { fault: 'kill', target: 'data', parameters: LATE },
  { fault: 'pause', target: 'data', parameters: LASTING },
];
/** A lab, its servers and its nodes are started and ended for each fault. */
const LAB_LIMIT_MS = 60_000;

test.each(LEAVING)(
  'a lab killed in the middle of $fault on $target leaves nothing after the next start',
  async (what) => {
    const step: Step = { trigger: { kind: 'after-effects', count: 20 }, ...what };
    const directory = await killLabAt('fault landed', step, []);
    const processes = journalOf(directory).filter(({ kind }) => kind === 'process');
    // A Redis server and two nodes at least.
    expect(processes.length).toBeGreaterThanOrEqual(3);
    const [reaped] = await reapAbandonedRuns(root);
    expect(reaped).toMatchObject({ directory, leftAlone: [] });
    expectNothingLeft(directory);
  },
  LAB_LIMIT_MS,
);

test('a run whose lab was killed is marked as interrupted, and its history can be read', async () => {
  const pause = at(100).pause('node-2', { for: '10m' });
  const directory = await killLabAt('fault landed', pause, [process.execPath, TINY_WORKER]);
  const paused = journalOf(directory).find(({ kind }) => kind === 'fault');
  expect(groupStates(paused?.pid ?? 0)).toBe('T');
  const [reaped] = await reapAbandonedRuns(root);
  // A Redis server and two nodes; a node that writes to the dead lab may have ended by itself.
  expect(reaped?.ended.length).toBeGreaterThanOrEqual(2);
  expectNothingLeft(directory);
  const text = readFileSync(join(directory, 'result.json'), 'utf8');
  const result = runResultSchema.parse(JSON.parse(text));
  expect(result).toMatchObject({ status: 'interrupted', run: reaped?.run });
  expect(result.durationMs).toBeGreaterThan(0);
  const history = await readHistory(join(directory, 'history.ndjson'));
  let operations = 0;
  for await (const batch of history.batches) operations += batch.length;
  expect(operations).toBeGreaterThan(0);
  expect(await reapAbandonedRuns(root)).toEqual([]);
});

/** A group of which only a child is left, started with this environment. */
async function stray(environment: Record<string, string>): Promise<{
  readonly leader: number;
  readonly pid: number;
  readonly ended: Promise<void>;
  release(): void;
}> {
  // The child says its pid, then waits for the end of its input: not the parent's own, which is
  // closed when the parent ends.
  const child = "/bin/sh -c 'echo $$; read x' <&3 & exit 0";
  const parent = spawn('/bin/sh', ['-c', child], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const exited = once(parent, 'exit');
  const [, stdout, , input] = parent.stdio;
  invariant(stdout && input instanceof Writable, 'both were asked for');
  const lines = createInterface({ input: stdout });
  const ended = new Promise<void>((resolve) => lines.once('close', resolve));
  const [pid] = (await once(lines, 'line')) as [string];
  await exited;
  return {
    leader: parent.pid as number,
    pid: Number(pid),
    ended,
    release: () => input.destroy(),
  };
}

test('what a dead node left in its group is ended, told by the run in its environment', async () => {
  const directory = abandoned();
  const { leader, pid, ended, release } = await stray({ UNDERSTUDY_GROUP: 'r-1' });
  process.kill(pid, 'SIGSTOP');
  writeFileSync(join(directory, 'undo.ndjson'), processEntry(leader, 'gone'));
  const [reaped] = await reapAbandonedRuns(root);
  expect(reaped?.ended).toEqual([`a child of node-1, pid ${pid}`]);
  await ended;
  expect(groupMembers(leader)).toEqual([]);
  release();
});

test('a group that only has the number of one that was recorded is left alone, and that is said', async () => {
  const directory = abandoned();
  const { leader, pid, ended, release } = await stray({ UNDERSTUDY_GROUP: 'another-run' });
  writeFileSync(join(directory, 'undo.ndjson'), processEntry(leader, 'gone'));
  const [reaped] = await reapAbandonedRuns(root);
  expect(reaped).toMatchObject({ ended: [], leftAlone: [`a child of node-1, pid ${pid}`] });
  expect(startTimeOf(pid)).toBeDefined();
  release();
  await ended;
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

test('a run whose servers were kept for a look when its lab died keeps its verdict', async () => {
  const directory = abandoned();
  const lab = readLabFile(directory);
  invariant(lab, 'lab.json was written');
  writeLabFile(directory, { ...lab, status: 'kept' });
  writeFileSync(join(directory, 'result.json'), '{"the":"verdict"}');
  expect(await reapAbandonedRuns(root)).toHaveLength(1);
  expect(readFileSync(join(directory, 'result.json'), 'utf8')).toBe('{"the":"verdict"}');
  expect(readLabFile(directory)?.status).toBe('done');
});

test('what is no run, or has no readable lab.json, is passed over', async () => {
  mkdirSync(join(runsDirectory(root), 'something'), { recursive: true });
  mkdirSync(join(runsDirectory(root), 'broken'));
  writeFileSync(join(runsDirectory(root), 'broken', 'lab.json'), '{');
  expect(await reapAbandonedRuns(root)).toEqual([]);
  expect(await reapAbandonedRuns(join(root, 'nowhere'))).toEqual([]);
});
