import { expect, test } from 'vitest';
import type { ComposeGroup } from '../drivers/docker/compose-project.ts';
import { aContainer } from '../drivers/docker/fake-engine.test-support.ts';
import { fleetRecord, foundFleet, settingsInContainers } from './containers.ts';
import { makePlan, planByHand } from './plan.ts';
import { settingsFor } from './settings.ts';

const jobs = [{ id: 'p-1', account: 'a-1', amountCents: 1 }];
const group: ComposeGroup = {
  project: 'shop',
  group: 'payments',
  mode: 'active-passive',
  nodes: ['passive-1', 'passive-2'].map((name) => ({
    ...{ name, container: aContainer(), proxy: undefined },
  })),
  servers: [{ name: 'data', container: aContainer(), url: 'redis://127.0.0.1:1' }],
  queue: 'payments',
  prefix: 'p',
  effects: 'e',
  settings: {
    ...{ ttlMs: 3000, pollMs: 10, lockDurationMs: 4000, concurrency: 7, handlerMs: 9 },
    presence: true,
  },
};

test('the fleet’s settings are those that its containers were started with', () => {
  const settings = settingsInContainers(
    { name: 'x' },
    { mode: 'active-passive', jobs, rate: 50 },
    group,
  );
  expect(settings).toMatchObject({ nodes: 2, rate: 50, ttlMs: 3000, concurrency: 7 });
  // The engine stands between the lab and the signal.
  expect(settings.takeoverLimitMs).toMatchObject({ kill: 1500, pause: 5000 });
});

test.each([
  ['nodes', { nodes: 11 }],
  ['poison', { poison: ['p-1'] }],
  ['persistence', { persistence: 'none' as const }],
  ['lane', { lane: 'stream' as const }],
])('an experiment that needs another fleet (%s) is refused', (name, needed) => {
  const requested = { mode: 'active-passive' as const, jobs };
  expect(() => settingsInContainers({ name: 'x', settings: needed }, requested, group)).toThrow(
    new RegExp(`x cannot be run on containers as asked: ${name} belongs to`),
  );
});

test('a server that keeps its data may be asked for: what it loses is seen', () => {
  const needed = { persistence: 'always' as const };
  const requested = { mode: 'active-passive' as const, jobs };
  expect(() =>
    settingsInContainers({ name: 'x', settings: needed }, requested, group),
  ).not.toThrow();
});

test('a mode that the group does not run in is refused', () => {
  expect(() => settingsInContainers({ name: 'x' }, { mode: 'active-active', jobs }, group)).toThrow(
    /runs in active-passive/,
  );
});

test('node-2 of a schedule is the second node of the group, and a node is hit by its own name', () => {
  const settings = settingsFor({}, { mode: 'active-passive', jobs });
  const at = { kind: 'at', atMs: 0 } as const;
  const experiment = {
    ...{ name: 'x', shows: '', expects: '' },
    schedule: () => [{ trigger: at, fault: 'kill', target: 'node-2', parameters: {} }] as const,
  };
  const plan = makePlan(experiment, settings, undefined, undefined, foundFleet(group));
  expect(plan.steps).toMatchObject([{ target: 'passive-2' }]);
  expect(plan.nodes).toEqual(['passive-1', 'passive-2']);
});

test('faults on links go through proxies where every node has one', () => {
  const [first, second] = group.nodes;
  const proxied = {
    ...group,
    nodes: group.nodes.map((node) => ({ ...node, proxy: aContainer() })),
  };
  expect(foundFleet(proxied).link).toBe('proxy');
  expect(Object.keys(fleetRecord(proxied).containers)).toContain('proxy of passive-2');
  const half = {
    ...group,
    nodes: [first, { ...second, proxy: aContainer() }] as typeof group.nodes,
  };
  expect([foundFleet(half).link, foundFleet(group).link]).toEqual(['network', 'network']);
});

test('a fault by hand is checked as a step of the plan is', () => {
  const settings = settingsFor({}, { mode: 'active-passive', jobs });
  const experiment = { ...{ name: 'x', shows: '', expects: '' }, schedule: () => [] };
  const plan = makePlan(experiment, settings, undefined);
  const asked = (fault: string, target: string, parameters = {}): (() => unknown) => {
    return () => planByHand(plan, undefined, { fault, target, parameters });
  };
  expect(asked('pause', 'node-2', { for: '2s' })()).toMatchObject({ parameters: { forMs: 2000 } });
  expect(asked('pause', 'node-9')).toThrow(/there is no such target/);
  expect(asked('pause', 'all')).toThrow(/one fault hits one target/);
  expect(asked('paws', 'leader')).toThrow(/there is no such fault/);
  expect(asked('latency', 'leader')).toThrow(/Start the run with --proxies/);
  expect(
    planByHand({ ...plan, proxied: true }, undefined, {
      ...{ fault: 'latency', target: 'leader', parameters: {} },
    }),
  ).toMatchObject({ fault: 'latency' });
});

test('the containers of a run are told by their ids', () => {
  const { containers } = fleetRecord(group);
  expect(Object.keys(containers)).toEqual(['passive-1', 'passive-2', 'data']);
  expect(containers['passive-1']).toBe(aContainer().id);
});
