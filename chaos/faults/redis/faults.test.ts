import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, type Persistence } from '@understudy/redis';
import { systemClock, systemTimers } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedisPlace } from '../../drivers/redis-place.ts';
import { openUndoJournal, type UndoJournal } from '../../drivers/undo-journal.ts';
import type { Circumstances } from '../fault.ts';
import { faults } from '../index.ts';
import { dropClients } from './drop-clients.ts';
import { forgetScripts } from './forget-scripts.ts';
import { kill } from './kill.ts';
import { outOfMemory } from './out-of-memory.ts';
import { pause } from './pause.ts';
import { restart } from './restart.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const AT_ONCE = { restartAfterMs: 0 };
const BRIEF = { forMs: 0 };

let directory: string;
let journal: UndoJournal;
let server: RedisPlace;
/** Somebody who works with the server and comes back when cut off. */
let client: Redis;

async function start(persistence: Persistence): Promise<void> {
  server = await RedisPlace.start({
    name: 'data',
    executable: findRedisServer(ROOT, process.env)?.path ?? 'redis-server',
    directory,
    persistence,
    journal,
    clock: systemClock,
    timers: systemTimers,
  });
  client = connect(server.url, { purpose: 'observe', name: 'somebody' });
  await client.set('n', '1');
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-faults-'));
  mkdirSync(join(directory, 'logs'));
  journal = openUndoJournal(directory);
});
afterEach(async () => {
  client.disconnect();
  await server[Symbol.asyncDispose]();
  journal.close();
  rmSync(directory, { recursive: true });
});

test('kill: the server ends by SIGKILL and another process serves in its place, with what was kept', async () => {
  await start('always');
  const { pid, runId } = server;
  const evidence = `pid ${pid} ended by SIGKILL`;
  expect(await kill.inject(server, AT_ONCE)).toEqual({ seen: true, evidence });
  const healed = await kill.heal(server, AT_ONCE);
  expect(healed).toMatchObject({ seen: true });
  expect(healed.evidence).toMatch(
    new RegExp(`^pid ${server.pid} serves in place of pid ${pid}, run_id \\w{8}, .*always$`),
  );
  expect(server.runId).not.toBe(runId);
  expect(await client.get('n')).toBe('1');
});

test.each([
  ['none', null],
  ['everysec', '1'],
  ['always', '1'],
] as const)(
  'restart: the server ends in order, and with persistence %s it then reads %s',
  async (persistence, kept) => {
    await start(persistence);
    const { pid } = server;
    const evidence = `pid ${pid} exited with code 0 after SIGTERM`;
    expect(await restart.inject(server, AT_ONCE)).toEqual({ seen: true, evidence });
    expect(await restart.heal(server, AT_ONCE)).toMatchObject({ seen: true });
    expect(server.pid).not.toBe(pid);
    expect(await client.get('n')).toBe(kept);
  },
);

test('a server that does not come back is not said to be healed', async () => {
  await start('none');
  expect(await kill.heal(server, AT_ONCE)).toEqual({
    seen: false,
    evidence: 'the Redis data still runs and is not started again',
  });
});

test('pause: the process table says so, nobody is answered, and afterwards everybody is', async () => {
  await start('none');
  const injected = await pause.inject(server, BRIEF);
  expect(injected).toEqual({
    seen: true,
    evidence: `pid ${server.pid} is in state T in the process table`,
  });
  let answered = false;
  const late = client.incr('n').then((value) => {
    answered = true;
    return value;
  });
  await expect(server.admin.ping()).rejects.toThrow('timed out');
  expect(answered).toBe(false);
  expect(await pause.heal(server, BRIEF)).toMatchObject({ seen: true });
  expect(await late).toBe(2);
});

test('drop-clients: the server cuts off whoever is there, but no watcher, and sees them come back', async () => {
  await start('none');
  const subscriber = connect(server.url, { purpose: 'subscribe', name: 'listener' });
  await subscriber.subscribe('presence');
  const watcher = connect(server.url, { purpose: 'observe', name: 'understudy-lab:watcher' });
  const before = await watcher.client('ID');
  const cut = Promise.all(
    [client, subscriber].map((one) => new Promise((resolve) => one.once('close', resolve))),
  );
  const { seen, evidence } = await dropClients.inject(server, {});
  expect(evidence).toMatch(/^2 clients, ids \d+ to \d+: 2 killed, none of them is left$/);
  expect(seen).toBe(true);
  await cut;
  const healed = await dropClients.heal(server, {});
  expect(healed.evidence).toMatch(/^connected anew: [12] clients?, ids? \d+/);
  expect(await client.get('n')).toBe('1');
  expect(await watcher.client('ID')).toBe(before);
  subscriber.disconnect();
  watcher.disconnect();
});

test('drop-clients: where nobody was connected, nothing is said to have landed', async () => {
  await start('none');
  client.disconnect();
  await server.until(
    async () => !String(await server.admin.client('LIST')).includes('somebody'),
    2000,
  );
  expect(await dropClients.inject(server, {})).toEqual({
    seen: false,
    evidence: 'no client: 0 killed, none of them is left',
  });
});

test('forget-scripts: what was cached is not known any more, and is when it was sent again', async () => {
  await start('none');
  const script = "return redis.call('GET', 'n')";
  const sha = String(await client.script('LOAD', script));
  expect(await forgetScripts.inject(server, {})).toEqual({
    seen: true,
    evidence: 'number_of_cached_scripts was 1 before and 0 after SCRIPT FLUSH',
  });
  expect(await client.script('EXISTS', sha)).toEqual([0]);
  await client.eval(script, 0);
  expect(await forgetScripts.heal(server, {})).toEqual({
    seen: true,
    evidence: 'number_of_cached_scripts is 1 again',
  });
});

test('forget-scripts: where no script was cached, nothing is said to have landed', async () => {
  await start('none');
  expect(await forgetScripts.inject(server, {})).toMatchObject({ seen: false });
});

test('out-of-memory: writes are refused and counted, reads go on, and healed it takes both', async () => {
  await start('none');
  const injected = outOfMemory.inject(server, BRIEF);
  const refused = server.until(
    () =>
      client.set('n', '2').then(
        () => false,
        (error: Error) => error.message.startsWith('OOM'),
      ),
    2000,
  );
  expect(await refused).toBe(true);
  const { seen, evidence } = await injected;
  expect(evidence).toMatch(/^maxmemory \d+ of \d+ bytes used, errorstat_OOM went from 0 to \d+$/);
  expect(seen).toBe(true);
  expect(await client.get('n')).not.toBeNull();
  const healed = await outOfMemory.heal(server, BRIEF);
  expect(healed.evidence).toMatch(/^maxmemory is 0, errorstat_OOM came to \d+$/);
  expect(healed.seen).toBe(true);
  expect(await client.set('n', '3')).toBe('OK');
});

test('of a server that is gone, no command lands and none is healed, and the evidence says why', async () => {
  await start('none');
  server.signal('SIGKILL');
  await server.exitWithin(2000);
  for (const fault of [dropClients, forgetScripts]) {
    expect(await fault.inject(server, {})).toMatchObject({ seen: false });
  }
  expect(await outOfMemory.inject(server, BRIEF)).toMatchObject({ seen: false });
  const { seen, evidence } = await outOfMemory.heal(server, BRIEF);
  expect(seen).toBe(false);
  expect(evidence).toMatch(/^the limit was not lifted: \w+/);
});

test('a Redis that was given by its URL is hit by none of them, and the refusal says why', () => {
  const given: Circumstances = { platform: process.platform, redis: 'given', servers: ['data'] };
  const own: Circumstances = { ...given, redis: 'private' };
  const onRedis = faults.filter(({ place }) => place === 'redis');
  expect(onRedis).toHaveLength(6);
  for (const fault of onRedis) {
    expect(fault.refuse(given, {})).toMatch(/given by its URL.*Leave the URL out/);
    expect(fault.refuse(own, {})).toBeUndefined();
  }
});
