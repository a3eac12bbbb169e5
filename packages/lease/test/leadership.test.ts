import type { Redis } from 'ioredis';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { next, Rig } from './rig.ts';

describe('electing one leader', () => {
  test('three contenders elect one, and one only', async () => {
    await using rig = await Rig.start();
    const contenders = ['a', 'b', 'c'].map((name) => rig.contend(name));
    const { contender, change } = await rig.nextLeader();
    expect(change.via).toBe('free');
    await Promise.all(contenders.map(({ reads }) => reads(8)));
    expect(rig.leaders).toEqual([contender]);
    expect(contenders.flatMap(({ changes }) => changes.entries)).toEqual([change]);
    expect(change.signal.aborted).toBe(false);
  });

  test('one lock node is enough where only one is configured', async () => {
    await using rig = await Rig.start({ lockNodes: 1 });
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    expect(a.lease.leadership?.token).toEqual(token);
  });

  test('without presence the lease moves by its TTL alone', async () => {
    await using rig = await Rig.start({ settings: { presence: false } });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(4);
    await a.kill();
    expect(await next(b.changes, 'elected')).toMatchObject({ via: 'expiry', token: { epoch: 2 } });
  });

  test('L4: a token names epoch and term as the store has them, and both change with each term', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const first = (await next(a.changes, 'elected')).token;
    expect(await a.store.readEpoch()).toMatchObject(first);
    a.lease.fenced(first);
    const second = (await next(a.changes, 'elected')).token;
    expect(await a.store.readEpoch()).toMatchObject(second);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.term).not.toBe(first.term);
  });
});

describe('standing by', () => {
  test('costs a lock node plain counting: probes are a part of the looks, and all contenders are counted', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    await next(a.changes, 'elected');
    const standbys = ['b', 'c'].map((name) => rig.contend(name));
    await Promise.all(standbys.map(({ reads }) => reads(2)));
    const { redis } = rig.lock(1);
    await redis.config('RESETSTAT');
    await Promise.all(standbys.map(({ reads }) => reads(8)));
    const calls = await callsOf(redis);
    expect(calls('pubsub|numsub')).toBeGreaterThan(calls('evalsha'));
    const counted = await redis.pubsub('NUMSUB', rig.keys.contenders);
    expect(Number(counted[1])).toBe(3);
  });
});

/** How often each command was called since the counters were reset. */
async function callsOf(redis: Redis): Promise<(command: string) => number> {
  const lines = (await redis.info('commandstats')).split('\n');
  return (command) => {
    const line = lines.find((each) => each.startsWith(`cmdstat_${command}:`));
    return Number(/calls=(\d+)/.exec(line ?? '')?.[1] ?? 0);
  };
}

describe('the deadline', () => {
  test('L2: a leader that cannot extend stops by itself before anybody else can lead', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { token, signal } = await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    rig.lock(1).freeze();
    rig.lock(2).freeze();
    expect(await next(a.changes, 'deposed')).toEqual({
      type: 'deposed',
      token,
      reason: 'deadline',
    });
    expect(signal.aborted).toBe(true);
    expect(a.lease.leadership).toBeUndefined();
    expect(b.changes.entries).toEqual([]);
  });

  test('L2: a leader whose event loop stalled past its deadline does not believe itself', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { signal } = await next(a.changes, 'elected');
    // Stands still for longer than the TTL: no timer has run when the next line does.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
    expect(a.lease.leadership).toBeUndefined();
    expect(signal.aborted).toBe(true);
    expect(await next(a.changes, 'deposed')).toMatchObject({ reason: 'deadline' });
  });
});

describe('the wall clock', () => {
  afterEach(() => void vi.useRealTimers());

  test('L2: a jump of the wall clock neither ends a term nor prolongs it', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.setSystemTime(new Date('2099-01-01'));
    await a.reads(12);
    vi.setSystemTime(new Date('1999-01-01'));
    await a.reads(12);
    expect(a.lease.leadership?.token).toEqual(token);
    rig.lock(1).freeze();
    rig.lock(2).freeze();
    expect(await next(a.changes, 'deposed')).toMatchObject({ reason: 'deadline' });
  });
});

describe('the ledger', () => {
  test('L6: a fenced leader steps down, releases and contends again', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { token, signal } = await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    a.lease.fenced(token);
    expect(signal.aborted).toBe(true);
    expect(a.lease.leadership).toBeUndefined();
    expect(await next(a.changes, 'deposed')).toEqual({ type: 'deposed', token, reason: 'fenced' });
    const channel = rig.keys.termChannel('a-1', token.term);
    for (const { redis } of rig.locks) {
      await expect.poll(() => redis.pubsub('NUMSUB', channel)).toEqual([channel, 0]);
    }
    // Whoever comes first: the lease is free, and it was not waited for.
    await rig.nextLeader();
    const second = await rig.nextLeader();
    expect(second.change).toMatchObject({ via: 'free', token: { epoch: 2 } });
    await second.contender.lease.stop();
    expect((await rig.nextLeader()).change).toMatchObject({ token: { epoch: 3 } });
  });

  test('L6: what a former term hears of fencing does not end the present one', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const first = await next(a.changes, 'elected');
    a.lease.fenced(first.token);
    const second = await next(a.changes, 'elected');
    a.lease.fenced(first.token);
    expect(a.lease.leadership?.token).toEqual(second.token);
  });

  test('L6: a leader notices a newer epoch even if it commits nothing', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    const runId = a.store.runId ?? '';
    await a.store.mint({ term: 'stranger', expected: token.epoch, floor: 0, runId });
    expect(await next(a.changes, 'deposed')).toMatchObject({ reason: 'fenced' });
    expect(await next(a.changes, 'elected')).toMatchObject({ token: { epoch: token.epoch + 2 } });
  });

  test('L10: a leader cut off from the ledger does not lead for ever, and nobody cut off contends', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    rig.store.freeze();
    expect(await next(a.changes, 'deposed')).toEqual({
      type: 'deposed',
      token,
      reason: 'ledger-silent',
    });
    // The lease is free now, but each look at the ledger fails: neither tries.
    for (let looks = 0; looks < 3; looks++) {
      await b.log.next(({ message }) => message === 'ledger failed');
    }
    const acquiring = [...a.log.entries, ...b.log.entries].filter(
      (event) => event.message === 'lease stage' && event.stage === 'acquiring',
    );
    expect(acquiring).toHaveLength(1);
    rig.store.thaw();
    await rig.nextLeader();
    expect((await rig.nextLeader()).change.token.epoch).toBe(2);
  });
});

describe('stopping', () => {
  test('L11: a leader that stops leaves nothing on any lock node, and the standby leads at once', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    const channel = rig.keys.termChannel('a-1', token.term);
    const heard = (): Promise<unknown[]> =>
      Promise.all(rig.locks.map(({ redis }) => redis.pubsub('NUMSUB', channel)));
    expect(await heard()).toEqual(rig.locks.map(() => [channel, 1]));

    const elected = next(b.changes, 'elected');
    const holders = rig.locks.map(({ redis }) => redis.get(rig.keys.lease));
    const before = await Promise.all(holders);
    await Promise.all([a.lease.stop(), a.lease.stop()]);
    expect(await heard()).toEqual(rig.locks.map(() => [channel, 0]));
    const after = await Promise.all(rig.locks.map(({ redis }) => redis.get(rig.keys.lease)));
    expect(after.filter((value) => before.includes(value))).toEqual([]);
    expect(a.changes.entries.at(-1)).toEqual({ type: 'deposed', token, reason: 'released' });
    expect(await elected).toMatchObject({ via: 'free', token: { epoch: 2 } });
  });

  test('L11: stopping ends in bounded time though a lock node is frozen', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    await next(a.changes, 'elected');
    rig.lock(2).freeze();
    await a.lease.stop();
    expect(await rig.lock(1).redis.get(rig.keys.lease)).toBeNull();
    expect(await rig.lock(3).redis.get(rig.keys.lease)).toBeNull();
  });

  test('stopping while connections are being lost and made again rejects nothing unheard', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    await next(a.changes, 'elected');
    const cut = ['presence', 'lease'].flatMap((kind) =>
      rig.locks.map((lock) => lock.cutOff(`understudy:${kind}:a`)),
    );
    await Promise.all(cut);
    rig.lock(3).freeze();
    await a.lease.stop();
    expect(a.changes.entries.at(-1)).toMatchObject({ type: 'deposed' });
  });

  test('a lease that never started, or stopped while it was connecting, stops and stays stopped', async () => {
    await using rig = await Rig.start();
    const idle = rig.contend('idle', { start: false });
    await idle.lease.stop();
    idle.lease.start();
    const hasty = rig.contend('hasty');
    await hasty.lease.stop();
    hasty.lease.start();
    const a = rig.contend('a');
    await next(a.changes, 'elected');
    await a.reads(4);
    expect([...idle.changes.entries, ...hasty.changes.entries]).toEqual([]);
  });
});
