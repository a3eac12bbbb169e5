import { expect, test } from 'vitest';
import { InvalidSettings } from '../errors.ts';
import { calm } from '../experiments/calm.ts';
import { poisonJob } from '../experiments/poison-job.ts';
import { runSettings } from '../runner/run-settings.ts';
import type { RequestedSettings } from '../runner/settings.ts';
import { kindOfEach, type Subject } from './subject.ts';
import type { System } from './system.ts';

const jobs = [{ id: 'a', account: 'x', amountCents: 1 }];
const asked: RequestedSettings = { mode: 'active-active', jobs };
const system: System = {
  nodes: [
    { command: ['front'], count: 1 },
    { command: 'back', count: 2, cwd: '/srv', env: { TOKEN: 'secret' } },
  ],
  livenessBoundMs: 4321,
  enqueue: () => undefined,
  readEffects: () => [],
};
const settingsOf = (subject: Subject, more: Partial<RequestedSettings> = {}) =>
  runSettings({ experiment: calm, settings: { ...asked, ...more }, subject });

test('a command line goes to a shell, words go as they are, and the environment is added', () => {
  const { workerCommand, environment, foreign } = settingsOf({
    worker: {
      command: 'npm run worker',
      contract: 'stream',
      cwd: '/srv',
      env: { A: '1' },
      queue: 'q',
    },
  });
  expect(workerCommand).toEqual(['/bin/sh', '-c', 'npm run worker']);
  expect(environment).toEqual({ A: '1' });
  expect(foreign).toEqual({ contract: 'stream', cwd: '/srv', queue: 'q' });
  expect(settingsOf({ worker: { command: ['a', 'b c'] } }).workerCommand).toEqual(['a', 'b c']);
});

test('a foreign worker is held to its bound alone, and not to the takeovers of this runtime', () => {
  const { livenessBoundMs, takeoverLimitMs } = settingsOf({ worker: { command: 'x' } });
  expect(new Set(Object.values(takeoverLimitMs))).toEqual(new Set([livenessBoundMs]));
});

test('a system says how many nodes there are, of which kind, and its bound', () => {
  const settings = settingsOf({ system });
  expect(settings).toMatchObject({ nodes: 3, livenessBoundMs: 4321, environment: {} });
  const kinds = kindOfEach(system, ['node-1', 'node-2', 'node-3']);
  expect([...kinds.values()].map(({ command }) => command)).toEqual([['front'], 'back', 'back']);
  expect(() => settingsOf({ system }, { nodes: 2 })).toThrow(/2 nodes were asked for.*its own: 3/);
});

test('what is asked for wins over the bound of a system', () => {
  expect(settingsOf({ system }, { livenessBoundMs: 99 }).livenessBoundMs).toBe(99);
});

test('every mistake about a worker is told at once', () => {
  const worker = {
    command: ' ',
    cwd: 'here',
    queue: 'a:b',
    prefix: 'a b',
    env: { UNDERSTUDY_X: '' },
  };
  expect(() => settingsOf({ worker })).toThrow(InvalidSettings);
  for (const place of ['command', 'cwd', 'queue', 'prefix', 'env.UNDERSTUDY_X']) {
    expect(() => settingsOf({ worker })).toThrow(new RegExp(`^  ${place}: `, 'm'));
  }
});

test('an experiment whose handlers must fail on demand is refused to a foreign worker', () => {
  const run = { experiment: poisonJob, settings: asked, subject: { worker: { command: 'x' } } };
  expect(() => runSettings(run)).toThrow(
    /poison-job needs handlers that fail when they are told to/,
  );
});

test('a lane is refused with a worker that has a contract, and so is an experiment that needs one', () => {
  const worker = { command: 'x', contract: 'stream' } as const;
  expect(() => settingsOf({ worker }, { lane: 'stream' })).toThrow(
    /the lane \(stream\) is where this repository's worker finds its jobs/,
  );
  const experiment = { ...calm, name: 'in-order', settings: { lane: 'stream' as const } };
  expect(() => runSettings({ experiment, settings: asked, subject: { worker } })).toThrow(
    /in-order needs the lane stream/,
  );
  expect(runSettings({ experiment, settings: asked }).lane).toBe('stream');
});

test('a prefix of one’s own is refused on a Redis of one’s own, which others may use', () => {
  const redis = { dataUrl: 'redis://127.0.0.1:1', lockUrls: ['redis://127.0.0.1:1'] };
  const run = { experiment: calm, settings: asked, redis };
  expect(() =>
    runSettings({ ...run, subject: { worker: { command: 'x', prefix: 'bull' } } }),
  ).toThrow(/the prefix bull is not this run's alone/);
  expect(
    runSettings({ ...run, subject: { worker: { command: 'x', queue: 'q' } } }).foreign,
  ).toEqual({
    contract: 'bullmq',
    queue: 'q',
  });
});
