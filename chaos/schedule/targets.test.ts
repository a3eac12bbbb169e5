import { seededPrng } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { BUSIEST, type Candidate, LATEST, leaderOf, resolveTarget, UNTOLD } from './targets.ts';

const node = (n: number, more: Partial<Candidate> = {}): Candidate => ({
  name: `node-${n}`,
  up: true,
  free: true,
  state: 'passive',
  speaks: true,
  epoch: 0,
  inFlight: 0,
  attempts: 1,
  lastEffect: 0,
  ...more,
});
const prng = seededPrng(1);

test('the leader is the node that says it is active with the highest epoch', () => {
  const fleet = [
    node(1, { state: 'active', epoch: 4 }),
    node(2, { state: 'active', epoch: 5 }),
    node(3),
  ];
  expect(resolveTarget('leader', fleet, 'active-passive', prng)).toEqual({
    name: 'node-2',
    role: 'leader',
  });
});

test('a paused leader is nobody to hit: the step waits for its successor', () => {
  const fleet = [node(1, { state: 'active', epoch: 4, free: false }), node(2)];
  expect(resolveTarget('leader', fleet, 'active-passive', prng)).toBeUndefined();
});

test('where nobody leads the leader is the node with most attempts in flight, and is called so', () => {
  const fleet = [
    node(1, { state: 'active', inFlight: 3 }),
    node(2, { state: 'active', inFlight: 9, free: false }),
    node(3, { state: 'active', inFlight: 5 }),
  ];
  for (const mode of ['active-active', 'uncoordinated'] as const) {
    expect(leaderOf(fleet, mode)).toEqual({ name: 'node-3', role: BUSIEST });
  }
});

const silent = (n: number, lastEffect: number, more: Partial<Candidate> = {}): Candidate =>
  node(n, { state: undefined, speaks: false, attempts: 0, lastEffect, ...more });

test.each(['active-active', 'active-passive'] as const)(
  'in %s the leader among nodes that say nothing is the last that took effect, and is called so',
  (mode) => {
    const fleet = [silent(1, 7), silent(2, 9, { free: false }), silent(3, 8)];
    expect(leaderOf(fleet, mode)).toEqual({ name: 'node-3', role: LATEST });
  },
);

test('among nodes of which nothing was seen any is hit where all work, and none where one leads', () => {
  const fleet = [silent(1, 0), silent(2, 0)];
  expect(leaderOf(fleet, 'active-active')).toEqual({ name: 'node-1', role: UNTOLD });
  expect(leaderOf(fleet, 'active-passive')).toBeUndefined();
});

test('a node of a silent active-passive fleet is called neither leader nor standby', () => {
  const found = resolveTarget('node-1', [silent(1, 3), silent(2, 0)], 'active-passive', prng);
  expect(found).toEqual({ name: 'node-1' });
});

test('where the system itself says who leads, that is the leader, and nobody while it says none', () => {
  const told = [silent(1, 9, { leads: false }), silent(2, 0, { leads: true })];
  expect(leaderOf(told, 'active-active')).toEqual({ name: 'node-2', role: 'leader' });
  expect(resolveTarget('node-1', told, 'active-active', prng)?.role).toBe('standby');
  expect(leaderOf([silent(1, 9, { leads: false })], 'active-passive')).toBeUndefined();
});

test('a standby is never the leader, and any node may be', () => {
  const fleet = [node(1, { state: 'active', epoch: 1 }), node(2), node(3, { free: false })];
  for (let seed = 0; seed < 20; seed++) {
    const drawn = resolveTarget('standby', fleet, 'active-passive', seededPrng(seed));
    expect(drawn).toEqual({ name: 'node-2', role: 'standby' });
  }
  const picked = Array.from(
    { length: 20 },
    (_, seed) => resolveTarget('any', fleet, 'active-passive', seededPrng(seed))?.name,
  );
  expect(new Set(picked)).toEqual(new Set(['node-1', 'node-2']));
});

test('a leader hit as any or by its name is recorded as the leader', () => {
  const fleet = [node(1, { state: 'active', epoch: 1 })];
  const leader = { name: 'node-1', role: 'leader' };
  expect(resolveTarget('any', fleet, 'active-passive', prng)).toEqual(leader);
  expect(resolveTarget('node-1', fleet, 'active-passive', prng)).toEqual(leader);
});

test('a node that is dead or in the hands of a fault is never chosen', () => {
  const fleet = [node(1, { free: false }), node(2, { free: false })];
  for (const target of ['leader', 'standby', 'any', 'node-2'] as const) {
    expect(resolveTarget(target, fleet, 'active-active', prng)).toBeUndefined();
  }
});
