import type { MintRequest } from '@understudy/lease';
import { describe, expect, test } from 'vitest';
import { next, Rig } from './rig.ts';

describe('minting', () => {
  test('L3: a late mint after a takeover does not unseat the rightful leader', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a', { start: false });
    const late = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const outcome = Promise.withResolvers<unknown>();
    a.store.beforeMint = () => {
      asked.resolve();
      return late.promise;
    };
    a.store.afterMint = (_request, answer) => outcome.resolve(answer);
    a.lease.start();
    // It holds the lease; its mint is on the way, for longer than the lease lasts.
    await asked.promise;
    const b = rig.contend('b');
    const { token } = await next(b.changes, 'elected');
    late.resolve();
    expect(await outcome.promise).toEqual({ status: 'mismatch', epoch: 1 });
    await b.reads(4);
    expect(b.lease.leadership?.token).toEqual(token);
    expect(await b.store.readEpoch()).toMatchObject(token);
    expect(a.changes.entries).toEqual([]);
  });

  test('L3: a mint whose answer was lost is asked again and is one epoch', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a', { start: false });
    const outcomes: unknown[] = [];
    a.store.afterMint = (_request, answer) => {
      outcomes.push(answer);
      if (outcomes.length === 1) throw new Error('the answer was lost');
    };
    a.lease.start();
    const { token } = await next(a.changes, 'elected');
    expect(token.epoch).toBe(1);
    expect(outcomes).toEqual([
      { status: 'minted', epoch: 1 },
      { status: 'minted', epoch: 1 },
    ]);
  });

  test("L3: after another's mint the lease is proven again before this one's is repeated", async () => {
    await using rig = await Rig.start({ settings: { ttlMs: 10_000 } });
    const a = rig.contend('a', { start: false });
    const requests: MintRequest[] = [];
    const leaseEnds: number[] = [];
    a.store.beforeMint = async (request) => {
      requests.push(request);
      leaseEnds.push(await rig.lock(1).redis.pexpiretime(rig.keys.lease));
      if (requests.length === 1) await mintedByAnother(rig, 1);
    };
    a.lease.start();
    const { token } = await next(a.changes, 'elected');
    expect(token.epoch).toBe(2);
    expect(requests.map(({ expected }) => expected)).toEqual([0, 1]);
    expect(leaseEnds[1]).toBeGreaterThan(leaseEnds[0] ?? 0);
  });

  test('L3: a term that may have been minted and was overtaken is not minted again', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a', { start: false });
    const terms: string[] = [];
    a.store.beforeMint = async (request) => {
      terms.push(request.term);
      // Before the second mint, which asks for the lost answer, another's has passed.
      if (terms.length === 2) await mintedByAnother(rig, 2);
    };
    a.store.afterMint = () => {
      if (terms.length === 1) throw new Error('the answer was lost');
    };
    a.lease.start();
    const { token } = await next(a.changes, 'elected');
    expect(token.epoch).toBe(3);
    const [lost] = terms;
    expect(terms).toEqual([lost, lost, token.term]);
  });
});

async function mintedByAnother(rig: Rig, epoch: number): Promise<void> {
  await rig.store.redis.hset(`test:{${rig.group}}:epoch`, { epoch, term: 'another' });
}

describe('a store that restarts', () => {
  test('L5: a store that restarts empty ends the term, and the next epoch is above all before', async () => {
    await using rig = await Rig.start({ settings: { ttlMs: 5000 } });
    const a = rig.contend('a');
    const first = await next(a.changes, 'elected');
    a.lease.fenced(first.token);
    const { token, signal } = await next(a.changes, 'elected');
    expect(token.epoch).toBe(2);
    await expect.poll(() => rig.lock(1).redis.get(rig.keys.knownEpoch)).toBe('2');

    await rig.store.restart();
    expect(await next(a.changes, 'deposed')).toMatchObject({ reason: 'store-changed', token });
    expect(signal.aborted).toBe(true);
    expect(await next(a.changes, 'ledger-regressed')).toEqual({
      type: 'ledger-regressed',
      storeEpoch: 0,
      knownEpoch: 2,
    });
    expect(await next(a.changes, 'elected')).toMatchObject({ token: { epoch: 3 } });
  });

  test('L5: a node that never saw the old store takes the floor from the lock nodes', async () => {
    await using rig = await Rig.start();
    const a = rig.contend('a');
    await next(a.changes, 'elected');
    for (const { redis } of rig.locks) {
      await expect.poll(() => redis.get(rig.keys.knownEpoch)).toBe('1');
    }
    await a.lease.stop();
    await rig.store.restart();
    const b = rig.contend('b');
    expect(await next(b.changes, 'elected')).toMatchObject({ token: { epoch: 2 } });
    expect(b.changes.entries[0]).toEqual({
      type: 'ledger-regressed',
      storeEpoch: 0,
      knownEpoch: 1,
    });
  });

  test('L5: a store that restarts with its data ends the term, and has lost nothing', async () => {
    // A TTL that even a slow restart does not outlast.
    await using rig = await Rig.start({ persistence: 'always', settings: { ttlMs: 5000 } });
    const a = rig.contend('a');
    const { token } = await next(a.changes, 'elected');
    await rig.store.restart();
    expect(await next(a.changes, 'deposed')).toEqual({
      type: 'deposed',
      token,
      reason: 'store-changed',
    });
    expect(await next(a.changes, 'elected')).toMatchObject({ token: { epoch: 2 } });
    expect(a.changes.entries.filter(({ type }) => type === 'ledger-regressed')).toEqual([]);
  });

  test('L5: a store brought back from an older snapshot never gives an epoch twice', async () => {
    await using rig = await Rig.start({ persistence: 'always' });
    const a = rig.contend('a');
    const epochs: number[] = [];
    for (let terms = 0; terms < 3; terms++) {
      const { token } = await next(a.changes, 'elected');
      epochs.push(token.epoch);
      if (terms < 2) a.lease.fenced(token);
    }
    await rig.store.redis.hset('test:{rig}:epoch', { epoch: 1, term: 'long ago' });
    await rig.store.restart();
    const { token } = await next(a.changes, 'elected');
    expect([...epochs, token.epoch]).toEqual([1, 2, 3, 4]);
    expect(a.changes.entries).toContainEqual({
      type: 'ledger-regressed',
      storeEpoch: 1,
      knownEpoch: 3,
    });
  });
});
