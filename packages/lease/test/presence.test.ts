import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualTime } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Presence } from '../src/presence.ts';
import { TestServer } from './rig.ts';

let directory: string;
let servers: TestServer[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-presence-'));
  const names = ['one', 'two', 'three'];
  servers = await Promise.all(names.map((name) => TestServer.start(join(directory, name))));
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  rmSync(directory, { recursive: true });
});

const channelsOn = (server: TestServer): Promise<unknown> => server.redis.pubsub('CHANNELS');

function presence(time: ManualTime, onRestored = (): void => undefined): Presence {
  const urls = servers.map(({ url }) => url);
  return new Presence(urls, {
    name: 'test:presence',
    waitMs: 100,
    timers: time,
    watch: undefined,
    onRestored,
    onMessage: () => undefined,
  });
}

test('L7: presence is up on every lock node when the wait for it ends', async () => {
  const time = new ManualTime();
  const present = presence(time);
  // Time stands still: only confirmations end the wait.
  await present.subscribe('a');
  for (const server of servers) expect(await channelsOn(server)).toEqual(['a']);
  expect(time.pending).toBe(0);
  await present.close();
  for (const server of servers) await expect.poll(() => channelsOn(server)).toEqual([]);
  expect(time.pending).toBe(0);
});

test('L7: a connection that was lost comes back with the channels wanted now, and no others', async () => {
  const restored = Promise.withResolvers<void>();
  const present = presence(new ManualTime(), () => restored.resolve());
  const [server] = servers as [TestServer];
  await Promise.all(['dropped', 'kept'].map((channel) => present.subscribe(channel)));
  await server.cutOff('test:presence');
  await expect.poll(() => channelsOn(server)).toEqual([]);
  present.drop('dropped');
  await restored.promise;
  expect(await channelsOn(server)).toEqual(['kept']);
  await present.close();
});

test('a frozen lock node is waited for a moment, and no longer', async () => {
  const time = new ManualTime();
  const present = presence(time);
  await present.subscribe('before');
  const [first, second, frozen] = servers as [TestServer, TestServer, TestServer];
  frozen.freeze();
  const subscribed = present.subscribe('a');
  await expect.poll(() => channelsOn(first)).toContain('a');
  await expect.poll(() => channelsOn(second)).toContain('a');
  // The limit, and the shorter wait that began as the quorum confirmed.
  await expect.poll(() => time.pending).toBe(2);
  time.advance(25);
  await subscribed;
  expect(time.pending).toBe(0);
  frozen.thaw();
  await expect.poll(() => channelsOn(frozen)).toContain('a');
  await present.close();
});

test('where no lock node answers, the wait ends all the same', async () => {
  const time = new ManualTime();
  const present = presence(time);
  await present.subscribe('before');
  for (const server of servers) server.freeze();
  const subscribed = present.subscribe('a');
  time.advance(100);
  await subscribed;
  for (const server of servers) server.thaw();
  await present.close();
});
