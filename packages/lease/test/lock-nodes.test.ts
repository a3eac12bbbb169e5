import { describe, expect, test } from 'vitest';
import { next, Rig } from './rig.ts';

describe('lock nodes that fail', () => {
  test('L1: a frozen lock node hinders neither election nor extending', async () => {
    await using rig = await Rig.start();
    rig.lock(2).freeze();
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    // Two TTLs, six extends.
    await a.reads(16);
    expect(a.lease.leadership?.token).toEqual(token);
  });

  test('L1: commands that a frozen lock node executes late harm nobody', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    rig.lock(2).freeze();
    await a.reads(8);
    await a.lease.stop();
    const { token } = await next(b.changes, 'elected');
    // Now it executes what the former leader sent: probes, beats, extends, a release.
    rig.lock(2).thaw();
    await b.reads(12);
    expect(b.lease.leadership?.token).toEqual(token);
    expect(await rig.lock(2).redis.get(rig.keys.lease)).toBe(
      await rig.lock(1).redis.get(rig.keys.lease),
    );
  });

  test('while two of three lock nodes are down nobody new leads, and work resumes when one returns', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    await Promise.all([rig.lock(1).kill(), rig.lock(2).kill()]);
    expect(await next(a.changes, 'deposed')).toMatchObject({ reason: 'deadline' });
    // Two TTLs more.
    await b.reads(16);
    expect(rig.leaders).toEqual([]);
    await rig.lock(1).revive();
    await rig.nextLeader();
    const { contender, change } = await rig.nextLeader();
    expect(change.token.epoch).toBe(2);
    await b.reads(8);
    expect(rig.leaders).toEqual([contender]);
  });

  test('L8: presence lost on one lock node, then on another, does not depose a healthy leader', async () => {
    await using rig = await Rig.start({ settings: { ttlMs: 1500 } });
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    const channel = rig.keys.termChannel('a-1', token.term);
    for (const lock of rig.locks) {
      // Forbids the channel: its subscribers are cut off and cannot come back...
      await lock.redis.acl('SETUSER', 'default', 'resetchannels');
      await expect.poll(() => lock.redis.pubsub('NUMSUB', channel)).toEqual([channel, 0]);
      await b.reads(1);
      // ...until it is allowed again, and the connection that tries and tries is heard.
      await lock.redis.acl('SETUSER', 'default', 'allchannels');
      await lock.cutOff('understudy:presence:a');
      await expect.poll(() => lock.redis.pubsub('NUMSUB', channel)).toEqual([channel, 1]);
    }
    expect(a.lease.leadership?.token).toEqual(token);
    expect(b.log.entries).not.toContainEqual(expect.objectContaining({ stage: 'acquiring' }));
  });

  test('L8: a lock lost on one lock node, then on another, is re-created by the leader', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    const value = await rig.lock(1).redis.get(rig.keys.lease);
    for (const { redis } of rig.locks) {
      await redis.del(rig.keys.lease, rig.keys.holder);
      await expect.poll(() => redis.get(rig.keys.lease)).toBe(value);
    }
    expect(a.lease.leadership?.token).toEqual(token);
    expect(b.log.entries).not.toContainEqual(expect.objectContaining({ stage: 'acquiring' }));
  });

  test('L8: the only lock node restarts empty, and a leader that is slow to return goes on', async () => {
    await using rig = await Rig.start({ lockNodes: 1, settings: { ttlMs: 3000 } });
    const a = rig.contendApart('a');
    await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    a.child.kill('SIGSTOP');
    await rig.lock(1).restart();
    // The standby sees a free lease, and remembers whose it was and for how long.
    await b.reads(2);
    a.child.kill('SIGCONT');
    await expect.poll(() => rig.lock(1).redis.exists(rig.keys.lease)).toBe(1);
    await b.reads(8);
    expect(a.changes.entries).toHaveLength(1);
    expect(b.changes.entries).toEqual([]);
  });

  test('L7: the only lock node restarts with its data, and the leader it hears nothing of goes on', async () => {
    await using rig = await Rig.start({
      lockNodes: 1,
      persistence: 'always',
      settings: { ttlMs: 1500 },
    });
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    const b = rig.contend('b');
    await b.reads(2);
    await rig.lock(1).restart();
    const channel = rig.keys.termChannel('a-1', token.term);
    await expect
      .poll(() => rig.lock(1).redis.pubsub('NUMSUB', channel), { timeout: 5000 })
      .toEqual([channel, 1]);
    await b.reads(8);
    expect(a.lease.leadership?.token).toEqual(token);
    expect(b.changes.entries).toEqual([]);
  });
});
