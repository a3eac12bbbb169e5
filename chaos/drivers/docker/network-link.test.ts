import { systemClock, systemTimers } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { partition } from '../../faults/partition.ts';
import type { FaultyLink } from '../faulty-link.ts';
import type { FaultyRedis } from '../faulty-redis.ts';
import { ContainerHand } from './container-hand.ts';
import {
  aContainer,
  FakeEngine,
  memoryJournal,
  REDIS_NETWORK,
} from './fake-engine.test-support.ts';
import { idleOf, networkLink } from './network-link.ts';

const CLIENTS = [
  'id=3 addr=172.20.0.7:50100 laddr=172.20.0.2:6379 name=worker idle=4 flags=N',
  'id=4 addr=172.20.0.70:50102 laddr=172.20.0.2:6379 name=other idle=9 flags=N',
  'id=5 addr=172.20.0.7:50104 laddr=172.20.0.2:6379 name=worker idle=1 flags=P',
].join('\n');
const METRICS_NETWORK = { ...REDIS_NETWORK, id: 'n-metrics', name: 'shop_metrics' };
const cut = partition.parameters.parse({ for: '1s' });

function aLink(engine: FakeEngine): FaultyLink {
  const [journal, timers] = [memoryJournal(), systemTimers];
  const hand = new ContainerHand({
    ...{ engine, container: engine.facts, what: 'passive-1', project: 'shop', journal, timers },
  });
  const data = { name: 'data', admin: { client: () => Promise.resolve(CLIENTS) } };
  return networkLink({
    ...{ node: 'passive-1', hand, process: { pid: 1, startTime: 't' }, timers },
    servers: [data as unknown as FaultyRedis],
    redisNetworks: new Set([REDIS_NETWORK.id]),
    clock: systemClock,
  });
}

test('partition: a container leaves the network of the Redis servers and no other, and comes back', async () => {
  const engine = new FakeEngine(aContainer({ networks: [REDIS_NETWORK, METRICS_NETWORK] }));
  const link = aLink(engine);
  const landed = await partition.inject(link, cut);
  expect(landed.seen).toBe(true);
  expect(landed.evidence).toMatch(/had 172.20.0.7 in shop_redis; the engine shows no endpoint/);
  expect(landed.evidence).toMatch(/data keeps 2 connections from there, the longest idle for 4 s/);
  expect(engine.facts.networks).toEqual([METRICS_NETWORK]);
  const healed = await partition.heal(link, cut);
  expect(healed).toMatchObject({ seen: true });
  expect(engine.done).toEqual(['disconnect n-redis', 'connect n-redis']);
});

test('a container that shares no network with the Redis servers cannot be cut off', async () => {
  const engine = new FakeEngine(aContainer({ networks: [METRICS_NETWORK] }));
  expect(await partition.inject(aLink(engine), cut)).toMatchObject({ seen: false });
  expect(engine.done).toEqual([]);
});

test('a network that is not put back is not said to be healed', async () => {
  const engine = new FakeEngine(aContainer({ networks: [REDIS_NETWORK] }));
  const link = aLink(engine);
  await partition.inject(link, cut);
  engine.refusals.push('the address is taken');
  expect(await partition.heal(link, cut)).toEqual({
    seen: false,
    evidence: 'the address is taken',
  });
});

test('the clients of an address are not those of one that begins like it', () => {
  expect(idleOf(CLIENTS, ['172.20.0.7'])).toEqual([4, 1]);
  expect(idleOf(CLIENTS, ['172.20.0.9'])).toEqual([]);
});
