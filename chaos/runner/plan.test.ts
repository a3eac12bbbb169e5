import { expect, test } from 'vitest';
import { InvalidSettings } from '../errors.ts';
import { experiments } from '../experiments/index.ts';
import type { Step } from '../schedule/step.ts';
import { at } from '../schedule/builders.ts';
import { makePlan, type Plan, serializePlan } from './plan.ts';
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
  return serializePlan(makePlan(experiment, settings, undefined));
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

test('the lane of this repository’s worker is in the plan; another worker has a contract instead', () => {
  const settings = (text: string): object => (JSON.parse(text) as { settings: object }).settings;
  expect(settings(plan('calm'))).toMatchObject({ lane: 'bullmq' });
  expect(settings(plan('calm', { lane: 'stream' }))).toMatchObject({ lane: 'stream' });
  expect(settings(plan('calm', { foreign: { contract: 'stream' } }))).not.toHaveProperty('lane');
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

const GIVEN = { dataUrl: 'redis://10.0.0.1', lockUrls: ['redis://10.0.0.2'] };

function planOf(
  steps: readonly Step[],
  redis?: typeof GIVEN,
  more: Partial<RequestedSettings> = {},
): Plan {
  const experiment = { name: 'own', shows: '', expects: '', schedule: () => steps };
  return makePlan(experiment, completeSettings({ mode: 'active-passive', jobs, ...more }), redis);
}

test('a proxy stands before each node only where the schedule, or the setting, needs it', () => {
  expect(planOf([at(0).kill('leader')]).proxied).toBe(false);
  expect(planOf([at(0).kill('leader'), at(1).reset('any')]).proxied).toBe(true);
  expect(planOf([], undefined, { proxies: 'always' }).proxied).toBe(true);
});

test('of servers that are given, those that there are can be cut off', () => {
  expect(planOf([], GIVEN).servers).toEqual(['data', 'lock-1']);
  const cut = (redis: 'lock-1' | 'lock-2'): Step => at(0).partition('leader', { redis });
  expect(planOf([cut('lock-1')], GIVEN).proxied).toBe(true);
  expect(() => planOf([cut('lock-2')], GIVEN)).toThrow(
    /step 1 .*\(partition leader\) cannot work here: redis: lock-2 means no server of this run/,
  );
});

test('no proxy stands before a Redis that is reached by TLS: faults on links are refused', () => {
  const tls = { ...GIVEN, dataUrl: 'rediss://10.0.0.1' };
  expect(planOf([at(0).kill('leader')], tls).proxied).toBe(false);
  expect(() => planOf([at(0).latency('all')], tls)).toThrow(/certificate names the server/);
  expect(() => planOf([], tls, { proxies: 'always' })).toThrow(InvalidSettings);
});
