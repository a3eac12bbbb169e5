import { execFileSync } from 'node:child_process';
import { failpointSwitch } from '@understudy/runtime';
import { afterEach, expect, test } from 'vitest';
import { next, Rig } from './rig.ts';

afterEach(() => {
  failpointSwitch().hook = undefined;
});

/** Asks a server whether a key exists, while this process stands still. */
function existsNow(url: string, key: string): boolean {
  const ask = `import { Redis } from 'ioredis';
    const redis = new Redis(${JSON.stringify(url)});
    process.stdout.write(String(await redis.exists(${JSON.stringify(key)})));
    redis.disconnect();`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', ask]).toString() === '1';
}

test('after-lease is passed when a quorum holds the lock and nothing was minted', async () => {
  await using rig = await Rig.start({ settings: { ttlMs: 5000, silenceMs: 5000 } });
  const a = rig.contend('a', { start: false });
  const log: string[] = [];
  a.store.beforeMint = () => {
    log.push('mint');
    return Promise.resolve();
  };
  failpointSwitch().hook = (name) => {
    if (name !== 'after-lease') return;
    const held = rig.locks.filter(({ url }) => existsNow(url, rig.keys.lease));
    log.push(`${name}, held on ${held.length >= 2 ? 'a quorum' : held.length}`);
  };
  a.lease.start();
  await next(a.changes, 'elected');
  expect(log).toEqual(['after-lease, held on a quorum', 'mint']);
});

test('during-extend is passed when the lock nodes were asked and no answer was seen', async () => {
  await using rig = await Rig.start({ settings: { ttlMs: 5000, silenceMs: 5000 } });
  const a = rig.contend('a');
  await next(a.changes, 'elected');
  const passed = Promise.withResolvers<boolean>();
  // What an extend re-creates (L8) shows that it was carried out.
  await rig.lock(3).redis.del(rig.keys.lease);
  failpointSwitch().hook = (name) => {
    if (name === 'during-extend') passed.resolve(existsNow(rig.lock(3).url, rig.keys.lease));
  };
  expect(await passed.promise).toBe(true);
});
