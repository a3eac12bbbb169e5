import '@understudy/testkit/matchers';
import { afterEffects, startLab } from '@understudy/testkit';
import { describe, expect, it } from 'vitest';
import { PAST_EVERY_TTL, SHORT, SOON } from './settings.ts';

const SEEDS = [1, 2, 3];

/** So slowly that work is left for the last fault also where the lab stood still for a second or two. */
const UNHURRIED = { ...SHORT, rate: 60 } as const;

// A kill, a pause that outlasts the lease, and an orderly stop, while jobs flow.
const schedule = [
  afterEffects(60).kill('leader', { restartAfter: SOON }),
  afterEffects(130).pause('leader', { for: PAST_EVERY_TTL }),
  afterEffects(220).stop('any', { restartAfter: SOON }),
];

describe.each(SEEDS)('with seed %i', (seed) => {
  it('active-passive is exactly once under one effective leader, through kill, pause and stop', async () => {
    await using lab = await startLab({ ...UNHURRIED, mode: 'active-passive' });
    const run = await lab.run({ jobs: 300, seed, schedule });
    expect(run).toBeExactlyOnce();
    expect(run).toHaveOneEffectiveLeader();
    for (const fault of ['kill', 'pause', 'stop'] as const) expect(run).toHaveLanded(fault);
    expect(run.status).toBe('pass');
  });

  it('active-active is exactly once, through kill, pause and stop', async () => {
    await using lab = await startLab({ ...UNHURRIED, mode: 'active-active' });
    const run = await lab.run({ jobs: 300, seed, schedule });
    expect(run).toBeExactlyOnce();
    for (const fault of ['kill', 'pause', 'stop'] as const) expect(run).toHaveLanded(fault);
    expect(run.status).toBe('pass');
  });
});
