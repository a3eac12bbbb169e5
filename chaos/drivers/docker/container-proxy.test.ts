import { systemTimers } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LinkProxyFailed, NotOfTheProject } from '../../errors.ts';
import type { Trouble } from '../../proxy/trouble.ts';
import { proxiedLink } from '../proxied-link.ts';
import { ContainerHand } from './container-hand.ts';
import { ContainerProxy } from './container-proxy.ts';
import { aContainer, FakeEngine, memoryJournal } from './fake-engine.test-support.ts';

const TALLY = { toRedisBytes: 12, fromRedisBytes: 0, closes: 1, attempts: 0, severed: 0 };
const CUT: Trouble = { kind: 'withhold', servers: ['data'], directions: ['to-redis'] };

let engine: FakeEngine;
let failures: LinkProxyFailed[];
const opened: ContainerProxy[] = [];

beforeEach(() => {
  engine = new FakeEngine(aContainer());
  failures = [];
});
afterEach(async () => {
  for (const proxy of opened.splice(0)) await proxy[Symbol.asyncDispose]();
});

const hand = (project = 'shop'): ContainerHand =>
  new ContainerHand({
    ...{ engine, container: engine.facts, what: 'proxy of passive-1', project },
    ...{ journal: memoryJournal(), timers: systemTimers },
  });

async function open(): Promise<ContainerProxy> {
  const opening = ContainerProxy.open({
    ...{ node: 'passive-1', hand: hand(), state: engine.facts.state, seed: 7 },
    timers: systemTimers,
    onFailure: (error) => void failures.push(error),
  });
  await vi.waitFor(() => expect(engine.done).toHaveLength(1));
  engine.answer('{"report":"serving","servers":["data","lock-1"],"ports":[6379,6380]}');
  const proxy = await opening;
  opened.push(proxy);
  return proxy;
}

test('orders go into the container, and evidence comes out of it', async () => {
  const link = proxiedLink((await open()).link());
  expect(engine.done).toEqual(['run node chaos/proxy/control.mjs']);
  expect([link.servers, link.seed]).toEqual([['data', 'lock-1'], '7/passive-1/1']);
  const injected = link.inject(CUT, 5000);
  expect(engine.told.map((line) => JSON.parse(line) as unknown)).toEqual([
    { order: 'inject', id: '1', trouble: CUT },
  ]);
  engine.answer(JSON.stringify({ report: 'landed', id: '1', tally: TALLY }));
  expect(await injected).toEqual({
    seen: true,
    evidence:
      'container 3f2a4b5c6d7e (proxy of passive-1) withheld 12 bytes to Redis, 1 end of connections',
  });
  const healed = link.heal();
  engine.answer(JSON.stringify({ report: 'healed', id: '1', tally: TALLY }));
  expect(await healed).toMatchObject({ seen: true });
});

test('the end of the run ends the talk, which heals what is in force', async () => {
  const proxy = await open();
  await proxy[Symbol.asyncDispose]();
  expect(engine.told).toEqual(['end']);
  expect(failures).toEqual([]);
});

test('a proxy that takes no more orders is a failure, with what was last said', async () => {
  const link = (await open()).link();
  engine.answer('Killed', 'stderr');
  engine.hangUp();
  expect(failures[0]).toBeInstanceOf(LinkProxyFailed);
  expect(failures[0]?.message).toMatch(/proxy of passive-1 takes no more orders \(Killed\)/);
  await expect(link.heal()).rejects.toThrow(LinkProxyFailed);
});

test('no word is said in a container of another project', () => {
  expect(() => hand('bank')).toThrow(NotOfTheProject);
});
