import { expect, test } from 'vitest';
import { ComposeProjectUnfit } from '../../errors.ts';
import { demandRunning, groupsAmong } from './compose-project.ts';
import type { ContainerFacts } from './container-facts.ts';
import { aContainer } from './fake-engine.test-support.ts';

const SHOP = { 'com.docker.compose.project': 'shop' };

function worker(node: string, more: Partial<ContainerFacts> = {}): ContainerFacts {
  return aContainer({
    id: `id-${node}`,
    name: `shop_${node}_1`,
    labels: {
      ...SHOP,
      'understudy.role': 'worker',
      'understudy.group': 'payments',
      'understudy.mode': 'active-passive',
      'understudy.node': node,
    },
    ...more,
  });
}

function redis(service: string, role: string, port: number): ContainerFacts {
  return aContainer({
    id: `id-${service}`,
    labels: { ...SHOP, 'understudy.role': role, 'com.docker.compose.service': service },
    published: { '6379/tcp': { host: '127.0.0.1', port } },
  });
}

const SERVERS = [
  redis('lock-2', 'lock', 2),
  redis('redis', 'redis', 1),
  redis('lock-1', 'lock', 3),
];

test('a group is read from labels, environment and published ports', () => {
  const environment = { UNDERSTUDY_TTL_MS: '3000', UNDERSTUDY_QUEUE: 'orders' };
  const workers = [worker('passive-10', { environment }), worker('passive-2', { environment })];
  const [group] = groupsAmong([...SERVERS, ...workers], 'shop');
  expect(group).toMatchObject({ group: 'payments', mode: 'active-passive', queue: 'orders' });
  expect(group?.nodes.map(({ name }) => name)).toEqual(['passive-2', 'passive-10']);
  expect(group?.servers.map(({ name, url }) => [name, url])).toEqual([
    ['data', 'redis://127.0.0.1:1'],
    ['lock-1', 'redis://127.0.0.1:3'],
    ['lock-2', 'redis://127.0.0.1:2'],
  ]);
  expect(group?.settings).toMatchObject({ ttlMs: 3000, lockDurationMs: 30_000, concurrency: 10 });
  expect(group?.effects).toBe('understudy:{payments}:effects');
});

test('workers on another lane are refused: what the lab enqueues would reach nobody', () => {
  const environment = { UNDERSTUDY_LANE: 'stream' };
  const on = (...nodes: ContainerFacts[]) => groupsAmong([...SERVERS, ...nodes], 'shop');
  expect(() => on(worker('passive-1', { environment }))).toThrow(
    /on the lane stream.*bullmq alone/,
  );
  expect(() => on(worker('passive-1', { environment }), worker('passive-2'))).toThrow(
    /must agree on UNDERSTUDY_LANE/,
  );
  expect(on(worker('passive-1', { environment: { UNDERSTUDY_LANE: 'bullmq' } }))).toHaveLength(1);
});

test('containers of another project are no part of a group, whatever their labels say', () => {
  const stranger = worker('passive-3', {
    labels: { ...worker('passive-3').labels, 'com.docker.compose.project': 'bank' },
  });
  const [group] = groupsAmong([...SERVERS, worker('passive-1'), stranger], 'shop');
  expect(group?.nodes.map(({ name }) => name)).toEqual(['passive-1']);
});

test.each([
  ['none of its containers is a worker', SERVERS, /is none of Understudy's/],
  ['it has no data Redis', [worker('passive-1')], /0 containers labelled understudy.role=redis/],
  ['a node is called like a role', [...SERVERS, worker('leader')], /understudy.node=leader/],
  [
    'its workers do not agree on the mode',
    [
      ...SERVERS,
      worker('passive-1'),
      worker('passive-2', {
        labels: { ...worker('passive-2').labels, 'understudy.mode': 'active-active' },
      }),
    ],
    /understudy.mode active-passive, active-active/,
  ],
  [
    'its workers do not agree on the queue',
    [
      ...SERVERS,
      worker('passive-1'),
      worker('passive-2', { environment: { UNDERSTUDY_QUEUE: 'orders' } }),
    ],
    /agree on UNDERSTUDY_QUEUE, and have nothing, orders/,
  ],
])('a project is refused when %s', (_, containers, told) => {
  expect(() => groupsAmong(containers, 'shop')).toThrow(ComposeProjectUnfit);
  expect(() => groupsAmong(containers, 'shop')).toThrow(told);
});

test('a run does not begin with a node that is down or paused, or a Redis out of reach', () => {
  const { state } = aContainer();
  const workers = [
    worker('passive-1', { state: { ...state, status: 'exited', running: false } }),
    worker('passive-2', { state: { ...state, status: 'paused', paused: true } }),
  ];
  const hidden = aContainer({ labels: { ...SHOP, 'understudy.role': 'redis' } });
  const [group] = groupsAmong([hidden, ...workers], 'shop');
  expect(() => group && demandRunning(group)).toThrow(
    /passive-1 .* is exited; passive-2 .* is paused; data publishes no port/,
  );
});

function proxyOf(node: string, more: Record<string, string> = {}): ContainerFacts {
  const { labels } = worker(node);
  const name = `shop_proxy-${node}_1`;
  return aContainer({ name, labels: { ...labels, 'understudy.role': 'proxy', ...more } });
}

test('a node’s proxy is the container that is labelled so, of its group and project', () => {
  const strangers = [
    proxyOf('passive-2', { 'understudy.group': 'orders' }),
    proxyOf('passive-2', { 'com.docker.compose.project': 'bank' }),
  ];
  const workers = [worker('passive-1'), worker('passive-2')];
  const [group] = groupsAmong([...SERVERS, ...workers, proxyOf('passive-1'), ...strangers], 'shop');
  expect(group?.nodes.map(({ name, proxy }) => [name, proxy?.name])).toEqual([
    ['passive-1', 'shop_proxy-passive-1_1'],
    ['passive-2', undefined],
  ]);
});

test('a node with two proxies is refused, and so is a fleet with a proxy that does not run', () => {
  const twice = [proxyOf('passive-1'), proxyOf('passive-1')];
  const all = [...SERVERS, worker('passive-1')];
  expect(() => groupsAmong([...all, ...twice], 'shop')).toThrow(/both labelled as the proxy/);
  const { state } = aContainer();
  const ended = { ...proxyOf('passive-1'), state: { ...state, running: false, status: 'exited' } };
  const [group] = groupsAmong([...all, ended], 'shop');
  expect(() => group && demandRunning(group)).toThrow(
    /the proxy of passive-1 \(shop_proxy-passive-1_1\) is exited/,
  );
});
