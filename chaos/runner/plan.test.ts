import { expect, test } from 'vitest';
import { experiments } from '../experiments/index.ts';
import { makePlan, serializePlan } from './plan.ts';
import { completeSettings, type RequestedSettings } from './settings.ts';

const jobs = Array.from({ length: 2000 }, (_, i) => ({
  id: `p-${i}`,
  account: `a-${i % 7}`,
  amountCents: i,
}));
const plan = (name: string, more: Partial<RequestedSettings> = {}): string => {
  const experiment = experiments.find((found) => found.name === name);
  if (!experiment) throw new TypeError(`no experiment ${name}`);
  const settings = completeSettings({ mode: 'active-passive', jobs, ...more });
  return serializePlan(makePlan(experiment, settings, 'private'));
};

test('the same seed gives a byte-equal plan for every experiment and mode', () => {
  const everyMode = ['active-passive', 'active-active', 'uncoordinated'] as const;
  for (const { name, modes = everyMode } of experiments) {
    for (const mode of modes) {
      expect(plan(name, { mode, seed: 7 })).toBe(plan(name, { mode, seed: 7 }));
    }
  }
});

test('another seed gives another random schedule and another workload', () => {
  expect(plan('random', { seed: 1 })).not.toBe(plan('random', { seed: 2 }));
  const twice = (seed: number): unknown =>
    (JSON.parse(plan('calm', { seed })) as { enqueuedTwice: unknown }).enqueuedTwice;
  expect(twice(1)).not.toEqual(twice(2));
});

test('the plan tells another input by its digest', () => {
  const other = jobs.map((job, i) => (i === 7 ? { ...job, amountCents: 99_999 } : job));
  expect(plan('calm', { jobs: other })).not.toBe(plan('calm'));
});

test('of the extra environment of nodes only the names are kept, for values may be secrets', () => {
  const text = plan('calm', { environment: { TOKEN: 'hunter2' } });
  expect(text).toContain('TOKEN');
  expect(text).not.toContain('hunter2');
});

test('calm plans no fault, and a rolling stop one a node', () => {
  const steps = (text: string): { target: string }[] =>
    (JSON.parse(text) as { steps: { target: string }[] }).steps;
  expect(steps(plan('calm'))).toEqual([]);
  expect(steps(plan('rolling-stop', { nodes: 4 })).map(({ target }) => target)).toEqual([
    'node-1',
    'node-2',
    'node-3',
    'node-4',
  ]);
});

test('every experiment can be planned for a single job, a single node, and without a rate', () => {
  for (const { name } of experiments) {
    expect(() => plan(name, { jobs: jobs.slice(0, 1), nodes: 1, rate: 'max' })).not.toThrow();
  }
});
