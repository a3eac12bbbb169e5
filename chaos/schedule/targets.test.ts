import { seededPrng } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { BUSIEST, type Candidate, leaderOf, resolveTarget } from './targets.ts';

const node = (n: number, more: Partial<Candidate> = {}): Candidate => ({
  name: `node-${n}`,
  up: true,
  free: true,
  state: 'passive',
  epoch: 0,
  inFlight: 0,
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
