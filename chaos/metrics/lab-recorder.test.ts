import type { FaultOperation } from '@understudy/history';
import { ManualTime } from '@understudy/runtime';
import { openLabMetrics } from '@understudy/telemetry';
import { expect, it } from 'vitest';
import { LabRecorder } from './lab-recorder.ts';

async function stage() {
  const time = new ManualTime();
  const metrics = await openLabMetrics(
    { group: 'g', mode: 'active-active' },
    { faults: [{ fault: 'reset', target: 'leader' }], checkers: [] },
  );
  const recorder = new LabRecorder({ metrics, clock: time, timers: time });
  const fault = (phase: FaultOperation['phase'], id = 'f1'): void =>
    recorder.observe({
      ...{ seq: 0, at: 0, op: 'fault', type: 'info', process: 'nemesis', id, fault: 'reset' },
      ...{ target: 'node-2', requested: 'leader', phase },
    });
  const effect = (job: string): void =>
    recorder.observe({
      ...{ seq: 0, at: 0, op: 'effect', type: 'ok', process: 'ledger', job, node: 'node-1' },
      ...{ position: 1, id: '1-0', source: 'live' },
    });
  const value = async (name: string): Promise<number> => {
    const line = (await metrics.page.text()).split('\n').find((text) => text.startsWith(name));
    return Number(line?.split(' ').at(-1));
  };
  return { time, recorder, fault, effect, value };
}

it('a fault that is over in an instant is still there at the next scrape, and not for ever', async () => {
  const { time, fault, value } = await stage();
  fault('inject');
  fault('healed');
  time.advance(2000);
  expect(await value('understudy_fault_active')).toBe(1);
  time.advance(1000);
  expect(await value('understudy_fault_active')).toBe(0);
  expect(await value('understudy_faults_injected_total')).toBe(1);
});

it('a fault that lasts is over when it is healed', async () => {
  const { time, fault, value } = await stage();
  fault('inject');
  time.advance(10_000);
  expect(await value('understudy_fault_active')).toBe(1);
  fault('healed');
  time.advance(0);
  expect(await value('understudy_fault_active')).toBe(0);
});

it('a second effect of a job is a duplicate that escaped', async () => {
  const { effect, value } = await stage();
  for (const job of ['p-1', 'p-2', 'p-1']) effect(job);
  expect(await value('understudy_effects_observed_total')).toBe(3);
  expect(await value('understudy_duplicate_effects_total')).toBe(1);
});

it('leaves no timer behind', async () => {
  const { time, recorder, fault } = await stage();
  fault('inject');
  fault('healed');
  recorder[Symbol.dispose]();
  expect(time.pending).toBe(0);
});
