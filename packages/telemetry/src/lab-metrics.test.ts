import { expect, test } from 'vitest';
import { openLabMetrics } from './lab-metrics.ts';
import { changedIn, seriesOf } from './series.test-support.ts';

const OWN = 'group="g",mode="active-passive"';
const open = () =>
  openLabMetrics(
    { group: 'g', mode: 'active-passive' },
    {
      faults: [
        { fault: 'kill', target: 'leader' },
        { fault: 'kill', target: 'standby' },
        { fault: 'pause', target: 'leader' },
      ],
      checkers: ['outcome', 'fencing'],
    },
  );

test('what a run can come to is on the page before it began, at 0', async () => {
  const { page } = await open();
  const series = await seriesOf(page);
  expect(Object.keys(series).sort()).toEqual(
    [
      `understudy_fault_active{fault="kill",target="leader",${OWN}}`,
      `understudy_fault_active{fault="kill",target="standby",${OWN}}`,
      `understudy_fault_active{fault="pause",target="leader",${OWN}}`,
      `understudy_faults_injected_total{fault="kill",${OWN}}`,
      `understudy_faults_injected_total{fault="pause",${OWN}}`,
      `understudy_verdict{checker="outcome",${OWN}}`,
      `understudy_verdict{checker="fencing",${OWN}}`,
      `understudy_effects_observed_total{${OWN}}`,
      `understudy_duplicate_effects_total{${OWN}}`,
    ].sort(),
  );
  expect(Object.values(series).every((value) => value === 0)).toBe(true);
});

test('a run without faults has no series of any', async () => {
  const { page } = await openLabMetrics({ group: 'g', mode: 'm' }, { faults: [], checkers: [] });
  expect(Object.keys(await seriesOf(page)).filter((name) => name.includes('fault'))).toEqual([]);
});

test('a fault is in force until it is healed, and stays counted', async () => {
  const metrics = await open();
  metrics.faultInjected('kill', 'leader');
  const injected = { [`understudy_faults_injected_total{fault="kill",${OWN}}`]: 1 };
  expect(await changedIn(metrics.page)).toEqual({
    ...injected,
    [`understudy_fault_active{fault="kill",target="leader",${OWN}}`]: 1,
  });
  metrics.faultHealed('kill', 'leader');
  expect(await changedIn(metrics.page)).toEqual(injected);
});

test('a fault that is in force twice is over when both are healed', async () => {
  const metrics = await open();
  const active = async (): Promise<unknown> =>
    (await seriesOf(metrics.page))[`understudy_fault_active{fault="kill",target="leader",${OWN}}`];
  metrics.faultInjected('kill', 'leader');
  metrics.faultInjected('kill', 'leader');
  metrics.faultHealed('kill', 'leader');
  expect(await active()).toBe(1);
  metrics.faultHealed('kill', 'leader');
  expect(await active()).toBe(0);
});

test('each verdict has its own value', async () => {
  const metrics = await open();
  const values: unknown[] = [];
  for (const verdict of ['pass', 'fail', 'inconclusive', 'not-applicable'] as const) {
    metrics.verdict('outcome', verdict);
    values.push((await seriesOf(metrics.page))[`understudy_verdict{checker="outcome",${OWN}}`]);
  }
  expect(values).toEqual([1, 2, 3, 4]);
});

test('an effect beyond the first of its job counts as one too many', async () => {
  const metrics = await open();
  for (const first of [true, true, false]) metrics.effectObserved(first);
  expect(await changedIn(metrics.page)).toEqual({
    [`understudy_effects_observed_total{${OWN}}`]: 3,
    [`understudy_duplicate_effects_total{${OWN}}`]: 1,
  });
});
