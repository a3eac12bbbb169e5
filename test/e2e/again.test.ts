import { commandConnection } from '@understudy/redis';
import { describe, expect, it } from 'vitest';
import { type RunResult, runResultSchema } from 'understudy';
import { aPlace, type Place } from './command.ts';
import { onlyRun, survivors } from './leftovers.test-support.ts';

/**
 * Of three faults only the pause refutes: whoever wakes commits once more what has been done meanwhile,
 * because neither its epoch nor the job's key is looked at.
 */
const REFUTED = [
  ...['run', 'failover', '--mode', 'active-passive', '--sabotage', 'no-fencing,no-idempotency'],
  ...['--jobs', '400', '--duplicates', '0', '--seed', '3', '--ttl-ms', '1000'],
  ...['--handler-ms', '100'],
];

/** Several runs, one after another. */
const SEVERAL_RUNS_MS = 180_000;

async function resultOf(place: Place, words: readonly string[]): Promise<RunResult> {
  const { stdout, stderr } = await place.understudy([...words, '--reporter', 'json', '--quiet']);
  expect(stdout, stderr).not.toBe('');
  return runResultSchema.parse(JSON.parse(stdout));
}

describe('a run that was refuted', () => {
  it(
    'a refuted schedule is made smaller, the smaller one refutes as well, and a replay says what it hit',
    async () => {
      await using place = await aPlace();
      const refuted = await resultOf(place, [...REFUTED, '--shrink', '--shrink-repeat', '1']);
      expect(refuted.status).toBe('fail');
      const { shrunk } = refuted;
      expect(refuted.checkers.flatMap(({ decidedBy = [] }) => decidedBy)).toContain(shrunk?.kind);
      expect(shrunk?.of).toBe(refuted.faults.length);
      expect(shrunk?.reproducedAgain, JSON.stringify(shrunk)).toBe(true);
      expect(shrunk?.steps.length).toBeLessThan(refuted.faults.length);
      for (const { runs, reproduced } of shrunk?.candidates ?? []) {
        expect(reproduced).toBeLessThanOrEqual(runs);
      }

      const replayed = await resultOf(place, ['replay', shrunk?.path ?? '']);
      expect(replayed.faults.map(({ id }) => id)).toEqual(shrunk?.steps);
      const smallest = shrunk?.candidates.filter(({ steps }) => `${steps}` === `${shrunk.steps}`);
      expect(smallest?.some(({ reproduced }) => reproduced > 0)).toBe(true);

      const again = await resultOf(place, ['replay', refuted.run]);
      expect(again.replay).toMatchObject({ run: refuted.run, status: 'fail' });
      const hit = again.replay?.faults.map(({ then, now }) => [then?.target, now?.target]);
      expect(hit).toEqual(refuted.faults.map(({ target }) => [target, target]));
      expect(again.faults.every(({ landed }) => landed)).toBe(true);
    },
    SEVERAL_RUNS_MS,
  );

  it('a refuted fleet is kept for a look: its servers answer, its nodes start at Enter, Ctrl-C ends all', async () => {
    await using place = await aPlace();
    const running = place.start([...REFUTED, '--keep']);
    const kept = await running.said(/redis-cli -u (\S+) --scan --pattern '(\S+)\*'/);
    const [, url = '', prefix = ''] = kept;
    {
      await using data = commandConnection(url, { name: 'test' });
      await data.ready();
      expect(await data.redis.xlen(`${prefix}effects`)).toBeGreaterThan(300);
    }
    const doctor = await place.understudy(['doctor', '--redis', url]);
    expect(doctor.stdout).toMatch(/^redis +ok +version/m);
    expect(doctor.status).toBe(0);
    running.enter();
    await running.said(/node-3 runs again: pid \d+/);
    running.signal('SIGINT');
    const { status, stdout } = await running.ended;
    expect(stdout).toMatch(/^verdict: FAIL/m);
    expect(status).toBe(99);
    expect(await survivors(await onlyRun(place))).toEqual([]);
  });
});
