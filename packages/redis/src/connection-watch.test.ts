import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from './connect.ts';
import { ConnectionWatch } from './connection-watch.ts';
import { findRedisServer } from './find-server.ts';
import { freePort, launchRedisServer, type RedisServer } from './launch-server.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let directory: string;
let server: RedisServer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-redis-'));
  const executable = findRedisServer(root, process.env)?.path ?? 'redis-server';
  server = await launchRedisServer({ executable, directory });
});
afterAll(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

test('a connection is up when it is ready, and counts no more when it was closed on purpose', async () => {
  const watch = new ConnectionWatch();
  expect(watch.health('command')).toEqual({ open: 0, up: false, reconnects: 0 });
  const redis = connect(server.url, { purpose: 'command', name: 'test', watch });
  expect(watch.health('command')).toEqual({ open: 1, up: false, reconnects: 0 });
  await once(redis, 'ready');
  expect(watch.health('command')).toEqual({ open: 1, up: true, reconnects: 0 });
  expect(watch.health('queue').up).toBe(false);
  expect(watch.reaches(server.url)).toBe(true);
  redis.disconnect();
  await once(redis, 'end');
  expect(watch.health('command')).toEqual({ open: 0, up: false, reconnects: 0 });
  expect(watch.reaches(server.url)).toBe(false);
});

test('a connection that was lost and came back is counted, under its purpose alone', async () => {
  const watch = new ConnectionWatch();
  const redis = connect(server.url, { purpose: 'queue', name: 'test:lost', watch });
  const other = connect(server.url, { purpose: 'command', name: 'test', watch });
  await Promise.all([once(redis, 'ready'), once(other, 'ready')]);
  const [closed, back] = [once(redis, 'close'), new Promise((r) => redis.once('ready', r))];
  await other.client('KILL', 'ID', String(await redis.client('ID')));
  await closed;
  expect(watch.health('queue')).toEqual({ open: 1, up: false, reconnects: 0 });
  expect(watch.reaches(server.url)).toBe(false);
  await back;
  expect(watch.health('queue')).toEqual({ open: 1, up: true, reconnects: 1 });
  expect(watch.health('command')).toEqual({ open: 1, up: true, reconnects: 0 });
  for (const connection of [redis, other]) connection.disconnect();
});

test('one connection of a purpose that is down makes the purpose down', async () => {
  const watch = new ConnectionWatch();
  const nowhere = `redis://127.0.0.1:${await freePort()}`;
  const up = connect(server.url, { purpose: 'command', name: 'test', watch });
  const down = connect(nowhere, { purpose: 'command', name: 'test', watch });
  await Promise.all([once(up, 'ready'), new Promise((r) => down.once('close', r))]);
  expect(watch.health('command')).toEqual({ open: 2, up: false, reconnects: 0 });
  expect([watch.reaches(server.url), watch.reaches(nowhere)]).toEqual([true, false]);
  for (const connection of [up, down]) connection.disconnect();
});
