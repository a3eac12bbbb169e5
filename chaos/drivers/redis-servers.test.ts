import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, freePort } from '@understudy/redis';
import { invariant, systemClock, systemTimers } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RedisUnfit } from '../errors.ts';
import { startTimeOf } from './process-table.ts';
import { type LabRedis, startPrivateRedis, useRedis } from './redis-servers.ts';
import { openUndoJournal, type UndoJournal } from './undo-journal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const found = findRedisServer(ROOT, process.env);

/** One server, no lock node. */
const PRIVATE = {
  lockNodes: 0,
  persistence: 'everysec',
  clock: systemClock,
  timers: systemTimers,
} as const;

let directory: string;
let journal: UndoJournal;
let servers: LabRedis;

const environment = (): Record<string, string> => {
  invariant(found, 'setup has found a redis-server');
  return { REDIS_SERVER: found.path };
};
const pids = (): { pid: number; startTime: string }[] =>
  readFileSync(join(directory, 'undo.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { pid: number; startTime: string });

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-servers-'));
  mkdirSync(join(directory, 'logs'));
  journal = openUndoJournal(directory);
  servers = await startPrivateRedis({
    root: directory,
    directory,
    lockNodes: 2,
    persistence: 'everysec',
    environment: environment(),
    journal,
    clock: systemClock,
    timers: systemTimers,
  });
});
afterAll(async () => {
  await servers[Symbol.asyncDispose]();
  journal.close();
  rmSync(directory, { recursive: true });
});

test('a private data Redis and its lock nodes run, noted in the undo journal', async () => {
  expect(new Set([servers.dataUrl, ...servers.lockUrls]).size).toBe(3);
  expect(servers.version).toMatch(/^\d+\.\d+/);
  expect(pids()).toHaveLength(3);
  for (const { pid, startTime } of pids()) expect(startTimeOf(pid)).toBe(startTime);
  // As servers of somebody else they would be fit, too.
  const used = await useRedis(servers, 'nobody:', systemTimers);
  expect(used.version).toBe(servers.version);
  await used[Symbol.asyncDispose]();
});

test('disposing ends the servers, keeps their logs and removes their data', async () => {
  const own = mkdtempSync(join(tmpdir(), 'understudy-servers-'));
  mkdirSync(join(own, 'logs'));
  const notes = openUndoJournal(own);
  const redis = await startPrivateRedis({
    ...PRIVATE,
    root: own,
    directory: own,
    environment: environment(),
    journal: notes,
  });
  expect(redis.lockUrls).toEqual([redis.dataUrl]);
  await redis[Symbol.asyncDispose]();
  expect(existsSync(join(own, 'redis'))).toBe(false);
  expect(readFileSync(join(own, 'logs', 'redis-data.log'), 'utf8')).toContain('Ready to accept');
  notes.close();
  rmSync(own, { recursive: true });
});

test('without a redis-server the error says where it was looked for and what to do', async () => {
  await expect(
    startPrivateRedis({ ...PRIVATE, root: directory, directory, environment: {}, journal }),
  ).rejects.toThrow(/REDIS_SERVER.*PATH.*\.understudy\/bin.*setup\.mjs/);
});

test('a redis-server that does not start is an error with the end of its log', async () => {
  await expect(
    startPrivateRedis({
      ...PRIVATE,
      root: directory,
      directory,
      environment: { REDIS_SERVER: '/bin/false' },
      journal,
    }),
  ).rejects.toMatchObject({ code: 'REDIS_SERVER_FAILED' });
});

test('a Redis that is not there is an error that tells no password', async () => {
  const url = `redis://someone:hunter2@127.0.0.1:${await freePort()}`;
  const trouble = await useRedis({ dataUrl: url, lockUrls: [url] }, 'x:', systemTimers).catch(
    (error: unknown) => error,
  );
  expect(trouble).toBeInstanceOf(RedisUnfit);
  expect(String(trouble)).toMatch(/ECONNREFUSED.*tried for 3 s/);
  expect(String(trouble)).not.toContain('hunter2');
});

test('a Redis that may evict is refused, with the command that mends it', async () => {
  const redis = connect(servers.dataUrl, { purpose: 'observe', name: 'test' });
  await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
  try {
    await expect(useRedis(servers, 'x:', systemTimers)).rejects.toThrow(
      /may evict keys \(maxmemory-policy is allkeys-lru\).*CONFIG SET maxmemory-policy noeviction/,
    );
  } finally {
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
    redis.disconnect();
  }
});

test('what is not the URL of a Redis is refused', async () => {
  const use = (dataUrl: string): Promise<LabRedis> =>
    useRedis({ dataUrl, lockUrls: [dataUrl] }, 'x:', systemTimers);
  await expect(use('http://localhost')).rejects.toThrow(/is not the URL of a Redis/);
  await expect(use('localhost')).rejects.toThrow(RedisUnfit);
});

test('of a Redis that was used, the keys of the run are removed, and no other', async () => {
  const redis = connect(servers.dataUrl, { purpose: 'observe', name: 'test' });
  await redis.mset('understudy:{r-1}:a', '1', 'understudy:{r-2}:a', '1', 'mine', '1');
  const used = await useRedis(servers, 'understudy:{r-1}:', systemTimers);
  await used[Symbol.asyncDispose]();
  expect((await redis.keys('*')).toSorted()).toEqual(['mine', 'understudy:{r-2}:a']);
  redis.disconnect();
});
