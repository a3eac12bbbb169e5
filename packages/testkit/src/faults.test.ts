import { seededPrng } from '@understudy/runtime';
import { describe, expect, it } from 'vitest';
import type { ExperimentContext } from 'understudy';
import { stepsOf } from './faults.ts';

const context = (overrides: Partial<ExperimentContext> = {}): ExperimentContext => ({
  ...{ mode: 'active-passive', nodes: 3, ttlMs: 2000, jobs: 300, lastJob: 'p-300', rate: 400 },
  prng: seededPrng(7),
  ...overrides,
});

describe('a list of faults', () => {
  it('comes after equal parts of the work, on the leader where nobody else is named', () => {
    expect(stepsOf(['kill', { fault: 'pause', target: 'standby', for: '3s' }], context())).toEqual([
      {
        ...{ fault: 'kill', target: 'leader', parameters: {} },
        trigger: { kind: 'after-effects', count: 90 },
      },
      {
        ...{ fault: 'pause', target: 'standby', parameters: { for: '3s' } },
        trigger: { kind: 'after-effects', count: 180 },
      },
    ]);
  });

  it('hits the data Redis with what only a Redis server can suffer', () => {
    const [restart, kill] = stepsOf(['restart', { fault: 'kill', target: 'lock-1' }], context());
    expect([restart?.target, kill?.target]).toEqual(['data', 'lock-1']);
  });

  it('comes when it is said to', () => {
    const [first, second] = stepsOf(
      [
        { fault: 'stop', at: '1.5s' },
        { fault: 'crash-at', failpoint: 'before-commit', afterEffects: 10 },
      ],
      context(),
    );
    expect(first?.trigger).toEqual({ kind: 'at', atMs: 1500 });
    expect(second).toMatchObject({
      trigger: { kind: 'after-effects', count: 10 },
      parameters: { failpoint: 'before-commit' },
    });
  });

  it('leaves work to do after its last, and begins after the first effect', () => {
    const steps = stepsOf(['kill', 'stop', 'kill'], context({ jobs: 2 }));
    const counts = steps.map(({ trigger }) => trigger.kind === 'after-effects' && trigger.count);
    expect(counts).toEqual([1, 1, 1]);
    expect(stepsOf([], context())).toEqual([]);
  });
});

describe('random faults', () => {
  it('are drawn from the seed: the same seed, the same faults', () => {
    const drawn = (seed: number): unknown =>
      stepsOf(
        { perMinute: 600, of: ['kill', 'pause', 'restart'] },
        context({ prng: seededPrng(seed) }),
      );
    expect(drawn(3)).toEqual(drawn(3));
    expect(drawn(3)).not.toEqual(drawn(4));
  });

  it('are as many as their rate makes in the flow, one at least, and while there is work', () => {
    const minute = context({ jobs: 4000, rate: 100 });
    const steps = stepsOf({ perMinute: 30 }, minute);
    expect(steps).toHaveLength(13);
    for (const { trigger } of steps) {
      if (trigger.kind !== 'at') throw new TypeError('no moment');
      expect(trigger.atMs).toBeGreaterThanOrEqual(4000);
      expect(trigger.atMs).toBeLessThanOrEqual(30_000);
    }
    expect(stepsOf({ perMinute: 0.1 }, context())).toHaveLength(1);
  });

  it('hit no standby where all work, and no node with what a Redis server suffers', () => {
    const both = { perMinute: 6000, of: ['kill', 'restart'] } as const;
    const steps = stepsOf(both, context({ mode: 'active-active', jobs: 4000 }));
    const targets = (name: string): Set<string> =>
      new Set(steps.filter(({ fault }) => fault === name).map(({ target }) => target));
    expect(targets('kill')).toEqual(new Set(['leader', 'any']));
    expect(targets('restart')).toEqual(new Set(['data']));
  });

  it('are refused where nothing follows from what was said', () => {
    expect(() => stepsOf({ perMinute: 30 }, context({ rate: 'max' }))).toThrow('with the rate max');
    expect(() => stepsOf({ perMinute: 0 }, context())).toThrow('perMinute must be more than 0');
    expect(() => stepsOf({ perMinute: 9, of: [] }, context())).toThrow('must name a fault');
  });
});
