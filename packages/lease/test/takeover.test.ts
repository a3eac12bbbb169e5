import { runScript } from '@understudy/redis';
import { systemClock } from '@understudy/runtime';
import { describe, expect, test } from 'vitest';
import { leaseScripts } from '../src/scripts.ts';
import { next, Rig } from './rig.ts';

/** A TTL that no test waits for: what happens sooner happened for another reason. */
const LONG = { ttlMs: 10_000 };

describe('taking over from a leader that died', () => {
  test('L7: a crashed leader is succeeded without waiting for its TTL', async () => {
    await using rig = await Rig.start({ settings: LONG });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(1);
    const killedMs = systemClock.monotonicMs();
    await a.kill();
    const elected = await next(b.changes, 'elected');
    expect(elected).toMatchObject({ via: 'presence', token: { epoch: 2 } });
    const now = systemClock.monotonicMs();
    expect(elected.vacantSinceMs).toBeGreaterThan(killedMs);
    expect(elected.vacantSinceMs).toBeLessThan(now);
    expect(b.lease.leadership?.deadlineMs).toBeGreaterThan(now);
    expect(b.lease.leadership?.deadlineMs).toBeLessThan(now + LONG.ttlMs);
  });

  test('L7: so is one that has led for many TTLs: every extend renews the entry', async () => {
    await using rig = await Rig.start();
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    // Four TTLs.
    await b.reads(32);
    await a.kill();
    expect(await next(b.changes, 'elected')).toMatchObject({ via: 'presence' });
  });

  test('L7: so is one that dies while a lock node is frozen', async () => {
    await using rig = await Rig.start({ settings: LONG });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(1);
    rig.lock(3).freeze();
    await a.kill();
    expect(await next(b.changes, 'elected')).toMatchObject({ via: 'presence' });
  });

  test('L7: so is one that dies while a lock node is down', async () => {
    await using rig = await Rig.start({ settings: LONG });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(1);
    await rig.lock(1).kill();
    await a.kill();
    expect(await next(b.changes, 'elected')).toMatchObject({ via: 'presence' });
  });

  test('many crashes in a row are each succeeded once, with rising epochs', async () => {
    await using rig = await Rig.start({ settings: LONG });
    const standby = rig.contend('standby', { start: false });
    let leader = rig.contendApart('n1');
    for (let epoch = 1; epoch <= 4; epoch++) {
      const { token } = await next(leader.changes, 'elected');
      expect(token.epoch).toBe(epoch);
      const successor = rig.contendApart(`n${epoch + 1}`);
      await leader.kill();
      leader = successor;
    }
    expect(await next(leader.changes, 'elected')).toMatchObject({ token: { epoch: 5 } });
    await standby.lease.stop();
  });

  test('L7: a former term whose presence stays up keeps nobody from leading', async () => {
    await using rig = await Rig.start({ settings: LONG });
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    // Somebody goes on listening to the old term's channel: a step-down that left it up.
    const channel = rig.keys.termChannel('a-1', token.term);
    const lingering = rig.locks.map(({ redis }) => redis.duplicate());
    await Promise.all(lingering.map((redis) => redis.subscribe(channel)));
    a.lease.fenced(token);
    const again = await next(a.changes, 'elected');
    expect(again.token.term).not.toBe(token.term);
    const entries = await Promise.all(
      rig.locks.map(({ redis }) => redis.hget(rig.keys.holder, 'channel')),
    );
    expect(entries).toEqual(rig.locks.map(() => rig.keys.termChannel('a-1', again.token.term)));

    // Nor does it keep a standby from taking over from the *next* term.
    const b = rig.contend('b');
    await b.reads(1);
    await Promise.all(rig.locks.map((lock) => lock.cutOff('understudy:lease:a')));
    await a.lease.stop();
    expect(await next(b.changes, 'elected')).toMatchObject({ token: { epoch: 3 } });
    for (const redis of lingering) redis.disconnect();
  });

  test('nothing is published but that the lease is given back, and on no presence channel', async () => {
    await using rig = await Rig.start();
    const listening = rig.lock(1).redis.duplicate();
    const heard: string[] = [];
    listening.on('pmessage', (_pattern, channel: string) => heard.push(channel));
    await listening.psubscribe('*');
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    a.lease.fenced(token);
    await next(a.changes, 'elected');
    await a.lease.stop();
    await rig.lock(1).redis.publish('test', 'the last');
    await expect.poll(() => heard).toContain('test');
    const { contenders } = rig.keys;
    expect(heard).toEqual([contenders, contenders, 'test']);
    listening.disconnect();
  });
});

describe('taking over from a leader that is silent', () => {
  const SILENT = { ttlMs: 1500, silenceMs: 300 };

  test('L9: a frozen leader, whose presence stays up, is deposed before its TTL', async () => {
    await using rig = await Rig.start({ settings: SILENT });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    // The leader is left alone for a TTL after it was first seen.
    await b.reads(10);
    a.child.kill('SIGSTOP');
    const { token, via } = await next(b.changes, 'elected');
    expect(via).toBe('silence');
    a.child.kill('SIGCONT');
    // It wakes, notices, and has nothing to complain of: it did stall.
    await next(a.changes, 'deposed');
    await b.reads(8);
    expect(b.lease.leadership?.token).toEqual(token);
    expect(await rig.lock(1).redis.exists(rig.keys.silence)).toBe(0);
  });

  test('L9: nor has one that was frozen with its last heartbeat noted and not sent', async () => {
    await using rig = await Rig.start({ settings: SILENT });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(10);
    a.child.kill('SIGUSR2');
    await next(b.changes, 'elected');
    a.child.kill('SIGCONT');
    // The late heartbeat is what tells it of its successor.
    await next(a.changes, 'deposed');
    await b.reads(8);
    for (const { redis } of rig.locks) expect(await redis.exists(rig.keys.silence)).toBe(0);
  });

  test('L9: a stall of the whole machine is not held against the leader', async () => {
    await using rig = await Rig.start({ settings: { ...SILENT, ttlMs: 3000 } });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(10);
    for (let stalls = 0; stalls < 3; stalls++) {
      a.child.kill('SIGSTOP');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);
      a.child.kill('SIGCONT');
      await b.reads(1);
    }
    expect(b.log.entries).not.toContainEqual(expect.objectContaining({ stage: 'acquiring' }));
    expect(a.changes.entries).toHaveLength(1);
  });

  test('L9: a leader deposed though it ran makes the group more patient', async () => {
    await using rig = await Rig.start({ settings: SILENT });
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    // A standby that is wrong: it deposes what it sees and takes the lease, on every lock node.
    const scripts = leaseScripts(2000);
    const { lease, holder } = rig.keys;
    await Promise.all(
      rig.locks.map(async ({ redis }) => {
        const [value, beat] = await redis.hmget(holder, 'value', 'beat');
        await runScript(redis, scripts.depose, [lease, holder], [value ?? '', beat ?? '', 1500]);
        const channel = rig.keys.termChannel('wrong-1', 'wrong');
        await runScript(redis, scripts.acquire, [lease, holder, channel], ['wrong', 1500]);
      }),
    );
    expect(await next(a.changes, 'deposed')).toEqual({ type: 'deposed', token, reason: 'lost' });
    await a.log.next(({ message }) => message === 'false takeover');
    for (const { redis } of rig.locks) expect(await redis.get(rig.keys.silence)).toBe('600');
    // The wrong one neither extends nor beats, and is succeeded in turn.
    await next(a.changes, 'elected');
  });
});
