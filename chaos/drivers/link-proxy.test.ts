import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { invariant, systemTimers } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LinkProxyFailed } from '../errors.ts';
import { type LinkProxy, startLinkProxy } from './link-proxy.ts';
import { groupStates, startTimeOf } from './process-table.ts';
import { openUndoJournal, type UndoJournal } from './undo-journal.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DYING_LAB = fileURLToPath(new URL('./lab-that-dies.test-support.ts', import.meta.url));

let directory: string;
let journal: UndoJournal;
let server: RedisServer;

beforeAll(async () => {
  const executable = findRedisServer(ROOT, process.env)?.path;
  invariant(executable, 'setup has found a redis-server');
  directory = mkdtempSync(join(tmpdir(), 'understudy-link-'));
  journal = openUndoJournal(directory);
  server = await launchRedisServer({ executable, directory: join(directory, 'redis') });
});
afterAll(async () => {
  await server.stop();
  journal.close();
  rmSync(directory, { recursive: true });
});

function start(
  url: string = server.url,
  onFailure: (error: Error) => void = () => undefined,
): Promise<LinkProxy> {
  return startLinkProxy({
    node: 'node-1',
    servers: [
      { name: 'data', url },
      { name: 'lock-1', url: server.url },
    ],
    seed: 1,
    logPath: join(directory, 'node-1.proxy.log'),
    journal,
    timers: systemTimers,
    onFailure,
  });
}

/** Whether a process listens at the port of a URL. */
async function listens(url: string): Promise<boolean> {
  const socket = connectTcp(Number(new URL(url).port), '127.0.0.1');
  const outcome = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return outcome;
}

test('a proxy has a port for each server, noted in the undo journal, and ends when disposed', async () => {
  const proxy = await start();
  const entries = readFileSync(join(directory, 'undo.ndjson'), 'utf8').trim().split('\n');
  expect(JSON.parse(entries.at(-1) ?? '')).toMatchObject({
    kind: 'process',
    what: 'proxy of node-1',
    pid: proxy.pid,
    startTime: startTimeOf(proxy.pid),
  });
  const urls = ['data', 'lock-1'].map((name) => proxy.urlOf(name));
  expect(new Set([...urls, server.url]).size).toBe(3);
  for (const url of urls) {
    const redis = connect(url, { purpose: 'observe', name: 'test' });
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
  }
  await proxy[Symbol.asyncDispose]();
  expect(groupStates(proxy.pid)).toBe('');
  expect(await Promise.all(urls.map(listens))).toEqual([false, false]);
});

test('user, password and database of a URL stay what they are', async () => {
  const url = new URL(server.url);
  await using proxy = await start(`redis://someone:hunter2@127.0.0.1:${url.port}/3?family=4`);
  expect(proxy.urlOf('data')).toMatch(/^redis:\/\/someone:hunter2@127\.0\.0\.1:\d+\/3\?family=4$/);
  expect(proxy.urlOf('data')).not.toContain(url.port);
});

test('a lab that is killed leaves no proxy and no port', async () => {
  const lab = spawn(process.execPath, [DYING_LAB, directory, server.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: lab.stdout }), 'line')) as [string];
  const { pid, url } = JSON.parse(line) as { pid: number; url: string };
  const node = connectTcp(Number(new URL(url).port), '127.0.0.1');
  await once(node, 'connect');
  const closed = once(node.resume(), 'close');
  lab.kill('SIGKILL');
  await closed;
  // Its parent is gone, so that nobody tells of its end but the table.
  await expect.poll(() => startTimeOf(pid)).toBeUndefined();
  expect(await listens(url)).toBe(false);
});

test('a proxy that ends by itself is reported, and a fault on its link is an error', async () => {
  const failure = Promise.withResolvers<Error>();
  await using proxy = await start(server.url, failure.resolve);
  const link = proxy.link();
  process.kill(proxy.pid, 'SIGKILL');
  expect(await failure.promise).toBeInstanceOf(LinkProxyFailed);
  await expect(link.heal()).rejects.toThrow(/the proxy of node-1 ended by SIGKILL/);
});

test('a proxy that does not start is an error, and nothing is left', async () => {
  const impatient = {
    ...systemTimers,
    after: (_: number, callback: () => void) => systemTimers.after(0, callback),
  };
  const options = { node: 'node-9', seed: 1, journal, onFailure: () => undefined };
  const proxy = startLinkProxy({
    ...options,
    servers: [{ name: 'data', url: server.url }],
    logPath: join(directory, 'node-9.proxy.log'),
    timers: impatient,
  });
  await expect(proxy).rejects.toThrow(/the proxy of node-9 did not listen within 10 s/);
});
