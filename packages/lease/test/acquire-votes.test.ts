import { systemTimers } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { LockNodes } from '../src/lock-nodes.ts';
import { leaseScripts } from '../src/scripts.ts';
import { leaseSettings } from '../src/settings.ts';
import { Rig } from './rig.ts';

const settings = leaseSettings({ ttlMs: 60_000, commandTimeoutMs: 250 });

/** The lock nodes as `node` sees them, connected, with the presence of `term`. */
async function contender(rig: Rig, node: string, term: string): Promise<LockNodes> {
  const nodes = new LockNodes({
    urls: rig.locks.map(({ url }) => url),
    ...{ nodeId: node, incarnation: `${node}-1`, keys: rig.keys, settings },
    ...{ scripts: leaseScripts(settings.graceMs), timers: systemTimers, watch: undefined },
    ...{ onReturned: () => undefined, onGivenBack: () => undefined, log: () => undefined },
  });
  await nodes.prepare(term);
  return nodes;
}

test('L7: whose term is new after a try that was refused, and whose is not', async () => {
  await using rig = await Rig.start();
  const a = await contender(rig, 'a', 'first');
  const b = await contender(rig, 'b', 'second');
  expect(await a.acquire('first')).toEqual({ type: 'acquired', term: 'first' });
  // A quorum was enough for that: the last of them may be on its way.
  const holders = (): Promise<number[]> =>
    Promise.all([1, 2, 3].map((number) => rig.lock(number).redis.exists(rig.keys.lease)));
  await expect.poll(holders).toEqual([1, 1, 1]);
  const refused = { type: 'acquire-refused', term: 'second' };
  expect(await b.acquire('second')).toEqual({ ...refused, nowhere: true });
  // One lock node gives it what it asks for, so it is no quorum, and gets it back.
  await rig.lock(1).redis.del(rig.keys.lease, rig.keys.holder);
  expect(await b.acquire('second')).toEqual({ ...refused, nowhere: false });
  await expect.poll(() => rig.lock(1).redis.exists(rig.keys.lease)).toBe(0);
  // One does not answer: it may do what it was asked for later.
  expect(await a.extend('first')).toEqual({ type: 'extended', term: 'first' });
  rig.lock(2).freeze();
  expect(await b.acquire('second')).toEqual({ ...refused, nowhere: false });
  rig.lock(2).thaw();
  await Promise.all([a.close(), b.close()]);
});

test('L11: who gives the lease back knows whether somebody was told', async () => {
  await using rig = await Rig.start();
  const a = await contender(rig, 'a', 'first');
  await a.acquire('first');
  expect(await a.release('first')).toBe(false);
  await a.acquire('first');
  const b = await contender(rig, 'b', 'second');
  expect(await a.release('first')).toBe(true);
  await Promise.all([a.close(), b.close()]);
});
