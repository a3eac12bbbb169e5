import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { random } from '../experiments/random.ts';
import { doubled, resultOf } from '../report/results.test-support.ts';
import { type RunResult, runResultSchema } from '../report/result.ts';
import { makePlan, serializePlan } from '../runner/plan.ts';
import { readPlanFile } from '../runner/plan-file.ts';
import { completeSettings } from '../runner/settings.ts';
import { afterEffects } from '../schedule/builders.ts';
import type { PlannedStep, Step } from '../schedule/step.ts';
import type { RunRequest } from './requests.ts';
import { shrinkRun } from './shrink.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-shrink-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const jobs = [{ id: 'p-1', account: 'a-1', amountCents: 1 }];
const kills = (count: number): Step[] =>
  Array.from({ length: count }, (_, i) => afterEffects(i + 1).kill('leader'));
const duplicated = resultOf({
  status: 'fail',
  checkers: [{ ...doubled, decidedBy: ['duplicated'] }],
});
const lost = resultOf({ status: 'fail', checkers: [{ ...doubled, decidedBy: ['lost'] }] });

/** Shrinks a schedule; `resultFor` is what a run with these faults comes to. */
async function shrink(
  steps: readonly Step[],
  resultFor: (ids: string, run: number) => RunResult | undefined,
): Promise<{ shrunk: Awaited<ReturnType<typeof shrinkRun>>; said: string[] }> {
  const settings = completeSettings({ mode: 'active-passive', jobs });
  const plan = makePlan({ ...random, schedule: () => steps }, settings, undefined);
  writeFileSync(join(directory, 'schedule.json'), serializePlan(plan));
  const said: string[] = [];
  const idsOf = (planned: readonly PlannedStep[] = []): string =>
    planned.map(({ id }) => id).join(' ');
  const shrunk = await shrinkRun({
    request: { experiment: random, settings: { mode: 'active-passive', jobs }, repeat: '' },
    run: { directory, result: duplicated },
    times: 3,
    make: (requests: readonly RunRequest[]) =>
      Promise.resolve(
        requests.flatMap((request, run) => {
          const result = resultFor(idsOf(request.steps), run);
          return result ? [{ result }] : [];
        }),
      ),
    say: (text) => said.push(text),
  });
  return { shrunk, said };
}

test('the smallest schedule that is refuted in the same way is kept, and can be read again', async () => {
  const both = (ids: string): boolean => ids.includes('f2') && ids.includes('f5');
  // One run in three is enough, as it is with chance.
  const { shrunk } = await shrink(kills(6), (ids, run) =>
    both(ids) && run === 1 ? duplicated : resultOf(),
  );
  expect(shrunk).toMatchObject({ kind: 'duplicated', steps: ['f2', 'f5'], of: 6 });
  expect(shrunk?.candidates[0]).toEqual({
    ...{ steps: ['f1', 'f2', 'f3', 'f4', 'f5', 'f6'], reproduced: 1, runs: 3 },
  });
  const kept = readPlanFile(join(directory, 'shrunk.json'));
  expect(kept.steps.map(({ id }) => id)).toEqual(['f2', 'f5']);
  const result: unknown = JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8'));
  expect(runResultSchema.parse(result).shrunk).toEqual(shrunk);
});

test('another kind of anomaly is another finding, and does not count', async () => {
  const { shrunk } = await shrink(kills(3), (ids) => (ids === 'f1 f2 f3' ? duplicated : lost));
  expect(shrunk?.steps).toEqual(['f1', 'f2', 'f3']);
});

test('what does not come again with all its faults is not made smaller, and says so', async () => {
  const { shrunk } = await shrink(kills(3), () => resultOf());
  expect(shrunk).toMatchObject({ reproducedAgain: false, steps: ['f1', 'f2', 'f3'] });
  expect(shrunk?.candidates).toHaveLength(1);
});

test('a step is not run without the one that it depends on', async () => {
  const steps = [afterEffects(1).pause('leader'), { ...afterEffects(1).kill('same') }, ...kills(1)];
  const { shrunk, said } = await shrink(steps, (ids) =>
    ids.includes('f2') ? duplicated : resultOf(),
  );
  expect(shrunk?.steps).toEqual(['f1', 'f2']);
  expect(shrunk?.candidates.filter(({ runs }) => runs === 0).length).toBeGreaterThan(0);
  expect(said.join('\n')).toContain('f2: not run: a step would lack the one it depends on');
});

test('each candidate is said with its rate', async () => {
  const { said } = await shrink(kills(1), (ids, run) => (ids && run > 0 ? duplicated : resultOf()));
  expect(said).toEqual([
    'shrink: 1 steps; each candidate is run 3 times',
    'shrink: f1: duplicated in 2 of 3 runs',
    'shrink: no fault at all: duplicated in 0 of 3 runs',
  ]);
});

test('an interruption ends the search, and nothing is claimed', async () => {
  const { shrunk } = await shrink(kills(2), (_, run) => (run === 0 ? duplicated : undefined));
  expect(shrunk).toBeUndefined();
});
