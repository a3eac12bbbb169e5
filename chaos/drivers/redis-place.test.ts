import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, type Persistence } from '@understudy/redis';
import { systemClock, systemTimers } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisUnfit } from '../errors.ts';
import { startTimeOf } from './process-table.ts';
import { RedisPlace } from './redis-place.ts';
import { openUndoJournal, type UndoJournal } from './undo-journal.ts';

const LIMIT_MS = 5000;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let directory: string;
let journal: UndoJournal;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-place-'));
  mkdirSync(join(directory, 'logs'));
  journal = openUndoJournal(directory);
});
afterEach(() => {
  journal.close();
  rmSync(directory, { recursive: true });
});

function place(persistence: Persistence): Promise<RedisPlace> {
  return RedisPlace.start({
    name: 'data',
    executable: findRedisServer(ROOT, process.env)?.path ?? 'redis-server',
    directory,
    persistence,
    journal,
    clock: systemClock,
    timers: systemTimers,
  });
}

const noted = (): number[] =>
  readFileSync(join(directory, 'undo.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { pid: number }).pid);

test.each([
  ['always', '1'],
  ['none', null],
] as const)(
  'a killed server is started again where it was, noted first; with persistence %s it reads %s',
  async (persistence, kept) => {
    await using data = await place(persistence);
    const client = connect(data.url, { purpose: 'observe', name: 'client' });
    await client.set('n', '1');
    const before = { pid: data.pid, url: data.url, runId: data.runId };
    data.signal('SIGKILL');
    expect(await data.exitWithin(LIMIT_MS)).toMatchObject({ signal: 'SIGKILL' });
    const { who, runId } = await data.restart();
    expect(data.url).toBe(before.url);
    expect(who).toBe(`pid ${data.pid}`);
    expect(data.pid).not.toBe(before.pid);
    expect(runId).not.toBe(before.runId);
    expect(noted()).toEqual([before.pid, data.pid]);
    expect(await client.get('n')).toBe(kept);
    client.disconnect();
    const log = readFileSync(join(directory, 'logs', 'redis-data.log'), 'utf8');
    expect(log).toContain('Ready to accept');
  },
);

test('a server that runs is not started a second time', async () => {
  await using data = await place('none');
  await expect(data.restart()).rejects.toThrow(RedisUnfit);
  expect(noted()).toEqual([data.pid]);
});

test('disposing ends a server that stands still, one that is dead, and one that is being started', async () => {
  const paused = await place('none');
  paused.signal('SIGSTOP');
  expect(await paused.statesWithin(LIMIT_MS, true)).toBe('T');
  await paused[Symbol.asyncDispose]();

  const dead = await place('none');
  dead.signal('SIGTERM');
  await dead.exitWithin(LIMIT_MS);
  await dead[Symbol.asyncDispose]();

  const starting = await place('none');
  starting.signal('SIGKILL');
  await starting.exitWithin(LIMIT_MS);
  const restarted = starting.restart().catch((error: unknown) => error);
  await starting[Symbol.asyncDispose]();
  await restarted;

  expect(noted()).toHaveLength(4);
  for (const pid of noted()) expect(startTimeOf(pid)).toBeUndefined();
});
