import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, groupKeys, runScript, type Script } from '@understudy/redis';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leaseScripts } from '../src/scripts.ts';
import { TestServer } from './rig.ts';

const TTL_MS = 60_000;
const DECAY_MS = 600_000;
const TAKEN = 3;
const REFUSED = 0;

const scripts = leaseScripts(2000);
const keys = groupKeys('scripts');
const channelOf = (holder: string): string => keys.termChannel(`${holder}-incarnation`, holder);
const ownerOf = (holder: string): string => channelOf(holder).slice(0, -holder.length - 1);

let directory: string;
let server: TestServer;
let subscriber: Redis;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-scripts-'));
  server = await TestServer.start(directory, 'always');
  subscriber = connect(server.url, { purpose: 'subscribe', name: 'test:presence' });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  subscriber.disconnect();
  rmSync(directory, { recursive: true });
});

beforeEach(async () => {
  await subscriber.unsubscribe();
  await server.redis.flushall();
});

function run(script: Script, names: string[], ...args: (string | number)[]): Promise<unknown> {
  return runScript(server.redis, script, names, args);
}

/** Runs one of redlock's three scripts as `holder`, whose lock value is its name. */
function vote(kind: 'acquire' | 'extend' | 'release', holder: string): Promise<unknown> {
  const names = [keys.lease, keys.holder, channelOf(holder)];
  return kind === 'release'
    ? run(scripts.release, names, holder)
    : run(scripts[kind], names, holder, TTL_MS);
}

async function standing(asker: string, graceMs = 2000): Promise<unknown> {
  const names = [keys.lease, keys.holder, keys.knownEpoch, keys.silence];
  const answer = (await run(scripts.probe, names, ownerOf(asker), graceMs)) as unknown[];
  return answer[0];
}

async function beatOf(holder: string, epoch = 1): Promise<unknown> {
  return run(scripts.beat, [keys.lease, keys.holder, keys.knownEpoch], holder, epoch);
}

const holder = (): Promise<string | null> => server.redis.get(keys.lease);
const entry = (): Promise<Record<string, string>> => server.redis.hgetall(keys.holder);

describe('acquire.lua', () => {
  test('a free lease is taken, and lock and entry both end with its TTL', async () => {
    expect(await vote('acquire', 'a')).toBe(TAKEN);
    expect(await holder()).toBe('a');
    expect(await entry()).toMatchObject({ value: 'a', owner: ownerOf('a'), beat: '0' });
    for (const key of [keys.lease, keys.holder]) {
      expect(await server.redis.pttl(key)).toBeGreaterThan(0);
      expect(await server.redis.pttl(key)).toBeLessThanOrEqual(TTL_MS);
    }
  });

  test('called twice with the same value it takes once and renews', async () => {
    await vote('acquire', 'a');
    await beatOf('a');
    await server.redis.pexpire(keys.lease, 1000);
    expect(await vote('acquire', 'a')).toBe(TAKEN);
    expect(await server.redis.pttl(keys.lease)).toBeGreaterThan(1000);
    expect(await entry()).toMatchObject({ value: 'a', beat: '1' });
  });

  test('called late, after another took the lease, it takes nothing', async () => {
    await subscriber.subscribe(channelOf('b'));
    await vote('acquire', 'b');
    expect(await vote('acquire', 'a')).toBe(REFUSED);
    expect(await holder()).toBe('b');
  });

  test('L7: a holder without a subscriber is gone, and its lease is taken within its TTL', async () => {
    await subscriber.subscribe(channelOf('a'));
    await vote('acquire', 'a');
    expect(await vote('acquire', 'b')).toBe(REFUSED);
    await subscriber.unsubscribe(channelOf('a'));
    expect(await vote('acquire', 'b')).toBe(TAKEN);
    expect(await holder()).toBe('b');
  });

  test('L7: a term nobody hears stores no channel, so that silence is not read as absence', async () => {
    await vote('acquire', 'a');
    expect(await entry()).toMatchObject({ channel: '' });
    expect(await standing('b')).toBe('held');
    expect(await vote('acquire', 'b')).toBe(REFUSED);
  });

  test('L7: a channel is data, not script text', async () => {
    const strange = `${channelOf('a')}'] .. error("run") --`;
    await subscriber.subscribe(strange);
    expect(await run(scripts.acquire, [keys.lease, keys.holder, strange], 'a', TTL_MS)).toBe(TAKEN);
    expect(await entry()).toMatchObject({ channel: strange });
    await subscriber.unsubscribe(strange);
  });

  test('L8: an entry of the own incarnation counts as free', async () => {
    const earlier = keys.termChannel('a-incarnation', 'earlier');
    await subscriber.subscribe(earlier);
    await run(scripts.acquire, [keys.lease, keys.holder, earlier], 'earlier', TTL_MS);
    expect(await standing('a')).toBe('own');
    expect(await vote('acquire', 'a')).toBe(TAKEN);
    expect(await holder()).toBe('a');
  });

  test('an incarnation whose name begins with another one does not pass for it', async () => {
    const longer = keys.termChannel('a-incarnation-2', 'x');
    await subscriber.subscribe(longer);
    await run(scripts.acquire, [keys.lease, keys.holder, longer], 'x', TTL_MS);
    expect(await standing('a')).toBe('held');
  });

  test("a lock beside another lock's entry is held until its TTL", async () => {
    await subscriber.subscribe(channelOf('a'));
    await vote('acquire', 'a');
    await server.redis.set(keys.lease, 'stranger', 'PX', TTL_MS);
    await subscriber.unsubscribe(channelOf('a'));
    expect(await standing('b')).toBe('held');
    expect(await vote('acquire', 'b')).toBe(REFUSED);
  });

  test('L7: after a restart of the lock node, absence proves nothing for the grace period', async () => {
    await subscriber.subscribe(channelOf('a'));
    await vote('acquire', 'a');
    subscriber.disconnect();
    await server.restart();
    subscriber = connect(server.url, { purpose: 'subscribe', name: 'test:presence' });
    expect(await holder()).toBe('a');
    expect(await standing('b')).toBe('grace');
    expect(await vote('acquire', 'b')).toBe(REFUSED);
    // The server's own clock of its uptime may be up to one second ahead: so is this.
    expect(await standing('b', -1000)).toBe('gone');
    const over = leaseScripts(-1000);
    const names = [keys.lease, keys.holder, channelOf('b')];
    expect(await run(over.acquire, names, 'b', TTL_MS)).toBe(TAKEN);
  });

  test('where ACLs forbid to ask for subscribers the TTL decides', async () => {
    await subscriber.subscribe(channelOf('a'));
    await vote('acquire', 'a');
    await subscriber.unsubscribe(channelOf('a'));
    await server.redis.acl('SETUSER', 'plain', 'on', 'nopass', '~*', '&*', '+@all', '-pubsub');
    const plain = connect(server.url.replace('//', '//plain:x@'), {
      purpose: 'command',
      name: 'test:plain',
    });
    await new Promise((resolve) => plain.once('ready', resolve));
    const names = [keys.lease, keys.holder, channelOf('b')];
    expect(await runScript(plain, scripts.acquire, names, ['b', TTL_MS])).toBe(REFUSED);
    await server.redis.del(keys.lease, keys.holder);
    expect(await runScript(plain, scripts.acquire, names, ['b', TTL_MS])).toBe(TAKEN);
    expect(await entry()).toMatchObject({ value: 'b', channel: '' });
    plain.disconnect();
  });
});

describe('extend.lua', () => {
  test('it renews lock and entry, and keeps the heartbeat counter', async () => {
    await vote('acquire', 'a');
    await beatOf('a');
    await server.redis.pexpire(keys.lease, 1000);
    await server.redis.pexpire(keys.holder, 1000);
    expect(await vote('extend', 'a')).toBe(TAKEN);
    expect(await vote('extend', 'a')).toBe(TAKEN);
    expect(await server.redis.pttl(keys.lease)).toBeGreaterThan(1000);
    expect(await server.redis.pttl(keys.holder)).toBeGreaterThan(1000);
    expect(await entry()).toMatchObject({ value: 'a', beat: '1' });
  });

  test('L8: an absent entry is re-created, channel included', async () => {
    await subscriber.subscribe(channelOf('a'));
    expect(await vote('extend', 'a')).toBe(TAKEN);
    expect(await holder()).toBe('a');
    expect(await entry()).toMatchObject({ value: 'a', channel: channelOf('a') });
    expect(await server.redis.pttl(keys.holder)).toBeGreaterThan(0);
  });

  test('L7: presence that comes up after the acquire is stored by the next extend', async () => {
    await vote('acquire', 'a');
    await subscriber.subscribe(channelOf('a'));
    await vote('extend', 'a');
    await subscriber.unsubscribe(channelOf('a'));
    expect(await standing('b')).toBe('gone');
  });

  test('called late, after another took the lease, it changes nothing', async () => {
    await vote('acquire', 'b');
    const before = await entry();
    expect(await vote('extend', 'a')).toBe(REFUSED);
    expect(await holder()).toBe('b');
    expect(await entry()).toEqual(before);
  });

  test('called late, after the release, it leaves a lease that ends by itself and hears nobody', async () => {
    await vote('acquire', 'a');
    await vote('release', 'a');
    await vote('extend', 'a');
    expect(await entry()).toMatchObject({ channel: '' });
    expect(await server.redis.pttl(keys.lease)).toBeGreaterThan(0);
  });
});

describe('release.lua', () => {
  test('called twice it releases once, and both calls are a success', async () => {
    await vote('acquire', 'a');
    expect(await vote('release', 'a')).toBe(TAKEN);
    expect(await vote('release', 'a')).toBe(TAKEN);
    expect(await server.redis.exists(keys.lease, keys.holder)).toBe(0);
  });

  test('called late, after another took the lease, it releases nothing', async () => {
    await vote('acquire', 'b');
    expect(await vote('release', 'a')).toBe(REFUSED);
    expect(await holder()).toBe('b');
    expect(await entry()).toMatchObject({ value: 'b' });
  });
});

describe('probe.lua', () => {
  test('it writes nothing', async () => {
    await subscriber.subscribe(channelOf('a'));
    await vote('acquire', 'a');
    const before = await server.redis.info('persistence');
    expect(await standing('b')).toBe('held');
    expect(await standing('a')).toBe('own');
    const changes = /rdb_changes_since_last_save:\d+/;
    expect(changes.exec(await server.redis.info('persistence'))).toEqual(changes.exec(before));
  });

  test('it tells lock, heartbeat, epoch and time-out', async () => {
    await subscriber.subscribe(channelOf('a'));
    await vote('acquire', 'a');
    await beatOf('a', 7);
    await server.redis.set(keys.silence, 900, 'PX', DECAY_MS);
    const names = [keys.lease, keys.holder, keys.knownEpoch, keys.silence];
    const answer = await run(scripts.probe, names, ownerOf('b'), 2000);
    const times = expect.any(Number);
    expect(answer).toEqual(['held', 'a', 1, times, times, 7, 900, times, channelOf('a')]);
  });

  test('L9: a heartbeat is as old as it is by the clock of the server', async () => {
    await vote('acquire', 'a');
    const ageMs = async (): Promise<number> => {
      const names = [keys.lease, keys.holder, keys.knownEpoch, keys.silence];
      const answer = (await run(scripts.probe, names, ownerOf('b'), 2000)) as unknown[];
      return Number(answer[3]);
    };
    const agedBy = (ms: number): Promise<unknown> =>
      server.redis.hincrby(keys.holder, 'beatAt', -ms);
    await agedBy(60_000);
    expect(await ageMs()).toBeGreaterThanOrEqual(60_000);
    // An extend is no heartbeat.
    await vote('extend', 'a');
    expect(await ageMs()).toBeGreaterThanOrEqual(60_000);
    await beatOf('a');
    const freshMs = await ageMs();
    expect(freshMs).toBeGreaterThanOrEqual(0);
    expect(freshMs).toBeLessThan(60_000);
  });

  test('a node that knows nothing says so', async () => {
    const names = [keys.lease, keys.holder, keys.knownEpoch, keys.silence];
    const answer = await run(scripts.probe, names, ownerOf('b'), 2000);
    expect(answer).toEqual(['free', '', -1, 0, -2, 0, 0, -2, '']);
  });
});

describe('beat.lua', () => {
  test("it counts for the holder only, and not for another lock's entry", async () => {
    expect(await beatOf('a')).toBe(0);
    expect(await server.redis.exists(keys.holder)).toBe(0);
    await vote('acquire', 'a');
    expect(await beatOf('a')).toBe(1);
    expect(await beatOf('b')).toBe(-1);
    expect(await entry()).toMatchObject({ beat: '1' });
    await server.redis.del(keys.holder);
    expect(await beatOf('a')).toBe(0);
    expect(await server.redis.exists(keys.holder)).toBe(0);
  });

  test('L5: the known epoch never falls, also when a heartbeat is late', async () => {
    await beatOf('b', 9);
    await beatOf('a', 10);
    await beatOf('b', 9);
    expect(await server.redis.get(keys.knownEpoch)).toBe('10');
    expect(await server.redis.pttl(keys.knownEpoch)).toBe(-1);
  });
});

describe('depose.lua', () => {
  const depose = (value: string, beat: number): Promise<unknown> =>
    run(scripts.depose, [keys.lease, keys.holder], value, beat, TTL_MS);

  test('L9: it deletes what was seen, and called twice nothing more', async () => {
    await vote('acquire', 'a');
    expect(await depose('a', 0)).toBe(1);
    expect(await depose('a', 0)).toBe(1);
    expect(await holder()).toBeNull();
    expect(await entry()).toEqual({ deposed: 'a' });
  });

  test('L9: a holder that has beaten since is left alone', async () => {
    await vote('acquire', 'a');
    await beatOf('a');
    expect(await depose('a', 0)).toBe(0);
    expect(await holder()).toBe('a');
  });

  test('called late, after another took the lease, it deposes nobody', async () => {
    await vote('acquire', 'b');
    expect(await depose('a', 0)).toBe(0);
    expect(await holder()).toBe('b');
  });

  test('a lock of which no heartbeat is known is left to its TTL', async () => {
    await server.redis.set(keys.lease, 'a', 'PX', TTL_MS);
    expect(await depose('a', -1)).toBe(0);
    expect(await holder()).toBe('a');
  });
});

describe('report-false-takeover.lua', () => {
  const report = (value: string): Promise<unknown> =>
    run(scripts.reportFalseTakeover, [keys.holder, keys.silence], value, 500, 2000, DECAY_MS);
  const deposed = async (value: string): Promise<void> => {
    await server.redis.del(keys.lease);
    await vote('acquire', value);
    await run(scripts.depose, [keys.lease, keys.holder], value, 0, TTL_MS);
  };

  test('L9: the time-out doubles once for one deposed lock, also after the next took over', async () => {
    await deposed('a');
    await vote('acquire', 'b');
    expect(await report('a')).toBe(1000);
    expect(await report('a')).toBe(0);
    expect(await server.redis.get(keys.silence)).toBe('1000');
    expect(await server.redis.pttl(keys.silence)).toBeGreaterThan(DECAY_MS - 5000);
  });

  test('L9: without evidence of a depose nothing changes', async () => {
    await vote('acquire', 'a');
    expect(await report('a')).toBe(0);
    expect(await server.redis.exists(keys.silence)).toBe(0);
  });

  test('L9: it never exceeds the TTL', async () => {
    for (const value of ['a', 'b', 'c', 'd']) {
      await deposed(value);
      await report(value);
    }
    expect(await server.redis.get(keys.silence)).toBe('2000');
  });

  test('L9: what has decayed is doubled from where it is now', async () => {
    await server.redis.set(keys.silence, 1500, 'PX', DECAY_MS / 4);
    await deposed('a');
    // A quarter of the way from 500 to 1500 is left: 750, doubled.
    const doubled = await report('a');
    expect(doubled).toBeGreaterThan(1490);
    expect(doubled).toBeLessThanOrEqual(1500);
  });
});
