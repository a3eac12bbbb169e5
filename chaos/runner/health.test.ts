import { expect, test } from 'vitest';
import { fleetHealth } from './health.ts';

const nodes = (...states: (string | undefined)[]): Parameters<typeof fleetHealth>[0] =>
  states.map((state, i) => ({ name: `node-${i + 1}`, up: state !== 'down', state }));

test('active-passive is healthy with one active node, the others passive', () => {
  expect(fleetHealth(nodes('passive', 'active', 'passive'), 'active-passive')).toEqual({
    healthy: true,
    detail: 'node-1 passive, node-2 active, node-3 passive',
  });
});

test('two active nodes, none, or one that is not up make active-passive unhealthy', () => {
  for (const fleet of [
    nodes('active', 'active'),
    nodes('passive', 'passive'),
    nodes('active', 'down'),
    nodes('active', 'starting'),
  ]) {
    expect(fleetHealth(fleet, 'active-passive').healthy).toBe(false);
  }
});

test('where all nodes work each of them must', () => {
  expect(fleetHealth(nodes('active', 'active'), 'active-active').healthy).toBe(true);
  expect(fleetHealth(nodes('active', 'draining'), 'uncoordinated').healthy).toBe(false);
});

test('nodes that say nothing of their state are healthy when they are up, and called unknown', () => {
  expect(fleetHealth(nodes(undefined, undefined), 'active-passive')).toEqual({
    healthy: true,
    detail: 'node-1 state unknown, node-2 state unknown',
  });
});

test('a silent node that was started again is not held to what the lab saw of its end', () => {
  const back = { name: 'node-1', up: true, state: 'down' };
  const { healthy, detail } = fleetHealth([back], 'active-active');
  expect({ healthy, detail }).toEqual({ healthy: true, detail: 'node-1 state unknown' });
});
