import { expect, test } from 'vitest';
import { InvalidSettings } from '../errors.ts';
import { completeSettings, type RunSettings, settingsFor } from './settings.ts';

const jobs = [{ id: 'p-1', account: 'a', amountCents: 1 }];
const asked = { mode: 'active-passive', jobs } as const;

test('what is left out or undefined has its default', () => {
  const settings = completeSettings({ ...asked, nodes: undefined });
  expect(settings).toMatchObject({ nodes: 3, rate: 400, handlerMs: 5, ttlMs: 2000, seed: 1 });
  expect(settings.workerCommand.at(-1)).toMatch(/services\/worker\/src\/main\.ts$/);
});

test('takeovers have 500 ms after a kill and the TTL and a second otherwise', () => {
  expect(completeSettings({ ...asked, ttlMs: 1500 }).takeoverLimitMs).toEqual({
    kill: 500,
    'crash-at': 500,
    stop: 2500,
    pause: 2500,
  });
});

test('without presence a kill too is only noticed when the lease expires', () => {
  expect(completeSettings({ ...asked, presence: false }).takeoverLimitMs.kill).toBe(3000);
});

test('a worker of somebody else’s has promised no takeover but that its jobs are done in time', () => {
  const foreign = { contract: 'bullmq' } as RunSettings['foreign'];
  const { takeoverLimitMs, livenessBoundMs } = completeSettings({ ...asked, foreign });
  expect(Object.keys(takeoverLimitMs)).toEqual(
    expect.arrayContaining(['partition', 'lose-replies']),
  );
  expect(new Set(Object.values(takeoverLimitMs))).toEqual(new Set([livenessBoundMs]));
});

test('the liveness bound leaves time for one node to do all the work', () => {
  const many = Array.from({ length: 4000 }, (_, i) => ({
    id: `p-${i}`,
    account: 'a',
    amountCents: 1,
  }));
  const settings = completeSettings({ ...asked, jobs: many, handlerMs: 50, concurrency: 10 });
  expect(settings.livenessBoundMs).toBe(10_000 + 20_000);
});

test('where order is kept the busiest account bounds the pace, however much is done at once', () => {
  const many = Array.from({ length: 4000 }, (_, i) => ({
    id: `p-${i}`,
    account: i % 4 === 0 ? 'busy' : `a-${i}`,
    amountCents: 1,
  }));
  const { livenessBoundMs } = completeSettings({
    ...{ ...asked, jobs: many, handlerMs: 50, concurrency: 10, lane: 'stream' },
  });
  expect(livenessBoundMs).toBe(10_000 + 50_000);
});

test('a lane that there is not is refused, and so is a saboteur with nothing to take away', () => {
  expect(settingsFor({}, asked).lane).toBe('bullmq');
  expect(() => settingsFor({}, { ...asked, lane: 'kafka' as never })).toThrow(/lane: /);
  const sabotage = ['out-of-order'];
  expect(() => settingsFor({}, { ...asked, sabotage })).toThrow(
    /out-of-order takes away what the bullmq lane does not promise\. Say --lane stream/,
  );
  expect(settingsFor({}, { ...asked, sabotage, lane: 'stream' }).lane).toBe('stream');
});

test('the user wins over the experiment, the experiment over the default', () => {
  const experiment = { settings: { nodes: 5, ttlMs: 900 } };
  const requested = { ...asked, nodes: 4, ttlMs: undefined as unknown as number };
  expect(settingsFor(experiment, requested)).toMatchObject({ nodes: 4, ttlMs: 900 });
});

test('settings out of range are refused, each with its name', () => {
  const wrong = { ...asked, nodes: 0, rate: -1, duplicates: 2 };
  expect(() => settingsFor({}, wrong)).toThrow(InvalidSettings);
  expect(() => settingsFor({}, wrong)).toThrow(/nodes: .*rate: .*duplicates: /);
  expect(() => settingsFor({}, { ...asked, sabotage: ['no-brakes'] })).toThrow(/sabotage/);
  const forgetful = { ...asked, persistence: 'sometimes' as never };
  expect(() => settingsFor({}, forgetful)).toThrow(/persistence/);
  expect(() => settingsFor({}, { ...asked, jobs: [] })).toThrow(/jobs/);
});

test('a workload with an id twice is refused', () => {
  expect(() => settingsFor({}, { ...asked, jobs: [...jobs, ...jobs] })).toThrow(
    /ids must be unique/,
  );
});
