import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connect, findRedisServer, launchRedisServer, type RedisServer } from '@understudy/redis';
import { failpointSwitch, invariant, systemClock, systemTimers } from '@understudy/runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { manualSurroundings } from './fakes.test-support.ts';
import type { Surroundings } from './surroundings.ts';
import { rehearse } from './rehearsal.ts';
import { settingsFromEnvironment, type WorkerSettings } from './settings.ts';

const around: Surroundings = { ...manualSurroundings(), clock: systemClock, timers: systemTimers };
/** A machine that is very busy is no reason to end early here. */
const unhurried: Surroundings = {
  ...around,
  timers: {
    ...systemTimers,
    after: (delayMs, callback) =>
      delayMs >= 3000 ? () => undefined : systemTimers.after(delayMs, callback),
  },
};
const never = new AbortController().signal;
const directory = mkdtempSync(join(tmpdir(), 'understudy-rehearsal-'));
let servers: RedisServer[] = [];

beforeAll(async () => {
  const executable = findRedisServer(
    fileURLToPath(new URL('../../..', import.meta.url)),
    process.env,
  )?.path;
  invariant(executable, 'a redis-server is installed');
  servers = await Promise.all(
    ['data', 'lock'].map((name) =>
      launchRedisServer({ executable, directory: join(directory, name) }),
    ),
  );
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

function settings(lane: 'bullmq' | 'stream' = 'bullmq'): WorkerSettings {
  const [data, lock] = servers;
  invariant(data && lock, 'both servers run');
  return settingsFromEnvironment({
    REDIS_URL: data.url,
    LOCK_REDIS_URLS: lock.url,
    UNDERSTUDY_NODE_ID: 'node-1',
    UNDERSTUDY_GROUP: 'g',
    UNDERSTUDY_LANE: lane,
  });
}

/** The keys of both servers. */
async function keys(): Promise<string[]> {
  const found = servers.map(async ({ url }) => {
    const redis = connect(url, { purpose: 'observe', name: 'test' });
    try {
      return await redis.keys('*');
    } finally {
      redis.disconnect();
    }
  });
  return (await Promise.all(found)).flat();
}

test.each(['bullmq', 'stream'] as const)(
  'a rehearsal leads a group of its own, works off its jobs, and leaves nothing behind, lane %s',
  async (lane) => {
    expect(await rehearse(settings(lane), unhurried, never)).toBe(40);
    expect(await keys()).toEqual([]);
  },
);

test('a rehearsal passes no failpoint: a crash aimed at the work does not hit it', async () => {
  const passed: string[] = [];
  failpointSwitch().hook = (name) => void passed.push(name);
  try {
    expect(await rehearse(settings(), unhurried, never)).toBe(40);
  } finally {
    failpointSwitch().hook = undefined;
  }
  expect(passed).toEqual([]);
});

test('a rehearsal that is ended early leaves nothing behind either', async () => {
  const ending = new AbortController();
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    // The incarnation, what tells its lane's tokens apart, and the term it wants to lead with.
    if (ids === 3) ending.abort();
    return `ended-early-${ids}`;
  };
  const rehearsal = rehearse(settings(), { ...unhurried, newId }, ending.signal);
  expect(await rehearsal).toBeLessThan(40);
  expect(await keys()).toEqual([]);
});

test('a rehearsal whose Redis is not there ends when it is told to', async () => {
  const nowhere = { redisUrl: 'redis://127.0.0.1:1', lockUrls: ['redis://127.0.0.1:1'] };
  const over = AbortSignal.abort();
  expect(await rehearse({ ...settings(), ...nowhere }, around, over)).toBe(0);
});
