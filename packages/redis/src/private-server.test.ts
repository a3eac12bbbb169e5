import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandConnection } from './command-connection.ts';
import { RedisServerFailed } from './errors.ts';
import { findRedisServer } from './find-server.ts';
import { freePort, launchRedisServer } from './launch-server.ts';
import { loadScript, runScript } from './script.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const executable = findRedisServer(root, process.env)?.path ?? 'redis-server';
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-redis-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

test('a private server answers on the loopback interface, and is gone when disposed', async () => {
  const server = await launchRedisServer({ executable, directory });
  await using connection = commandConnection(server.url, { name: 'test' });
  await connection.ready();
  expect(await connection.redis.ping()).toBe('PONG');
  await server.stop();
  expect(await server.exited).toMatchObject({ code: 0 });
});

test('a port that another server holds is named, and nothing is left running', async () => {
  await using first = await launchRedisServer({ executable, directory: join(directory, 'a') });
  const second = launchRedisServer({
    executable,
    directory: join(directory, 'b'),
    port: first.port,
  });
  await expect(second).rejects.toThrow(RedisServerFailed);
  await expect(second).rejects.toThrow(
    new RegExp(`port ${first.port}.*Address already in use`, 's'),
  );
});

test('an executable that does not exist is named with the ways out', async () => {
  const launched = launchRedisServer({ executable: join(directory, 'no-such'), directory });
  await expect(launched).rejects.toThrow(/no-such did not start.*REDIS_SERVER/s);
});

test('a server whose process could not be noted is not started', async () => {
  const spawned: (number | undefined)[] = [];
  const launched = launchRedisServer({
    executable,
    directory,
    onSpawn: (child) => {
      spawned.push(child.pid);
      throw new Error('the disk is full');
    },
  });
  await expect(launched).rejects.toThrow('the disk is full');
  expect(spawned).toHaveLength(1);
  expect(readFileSync(join(directory, 'redis.log'), 'utf8')).toBe('');
});

test('the run_id is known while connected, unknown while not, and another after a restart', async () => {
  const port = await freePort();
  const first = await launchRedisServer({ executable, directory, port });
  await using connection = commandConnection(first.url, { name: 'test' });
  await connection.ready();
  const before = connection.runId;
  const lost = new Promise<void>((resolve) => connection.onLost(resolve));
  await first.stop();
  await lost;
  expect(connection.runId).toBeUndefined();
  const again = new Promise<string>((resolve) => connection.onReady(resolve));
  await using second = await launchRedisServer({ executable, directory, port });
  expect(await again).not.toBe(before);
  expect(second.port).toBe(port);
});

test('a command is refused at once while disconnected instead of being sent later', async () => {
  const server = await launchRedisServer({ executable, directory });
  await using connection = commandConnection(server.url, { name: 'test' });
  await connection.ready();
  const lost = new Promise<void>((resolve) => connection.onLost(resolve));
  await server.stop();
  await lost;
  await expect(connection.redis.incr('n')).rejects.toThrow();
});

test('data survives a restart as the persistence chosen says', async () => {
  const port = await freePort();
  for (const [persistence, survives] of [
    ['always', '1'],
    ['none', null],
  ] as const) {
    const own = join(directory, persistence);
    const first = await launchRedisServer({ executable, directory: own, port, persistence });
    await using connection = commandConnection(first.url, { name: 'test' });
    await connection.ready();
    await connection.redis.set('n', '1');
    await first.stop();
    await using _second = await launchRedisServer({
      executable,
      directory: own,
      port,
      persistence,
    });
    await connection.ready();
    expect(await connection.redis.get('n')).toBe(survives);
  }
});

test('a script is found again after the server forgot it', async () => {
  await using server = await launchRedisServer({ executable, directory });
  await using connection = commandConnection(server.url, { name: 'test' });
  await connection.ready();
  const echo = { text: 'return ARGV[1]', sha1: '098e0f0d1448c0a81dafe820f66d460eb09263da' };
  expect(await runScript(connection.redis, echo, [], ['a'])).toBe('a');
  await connection.redis.script('FLUSH');
  expect(await runScript(connection.redis, echo, [], ['b'])).toBe('b');
});

test('a script is loaded with the hash the server will know it by', () => {
  const script = loadScript(new URL('./script.ts', import.meta.url));
  expect(script.sha1).toMatch(/^[0-9a-f]{40}$/);
});
