import type { OperationBody } from '@understudy/history';
import { ManualTime } from '@understudy/runtime';
import { expect, test } from 'vitest';
import { Progress } from './progress.ts';

const time = new ManualTime();

function progressOf(...bodies: OperationBody[]): Progress {
  const progress = new Progress(time);
  for (const body of bodies) observe(progress, body);
  return progress;
}
const observe = (progress: Progress, body: OperationBody): void =>
  progress.observe({ seq: 1, at: 0, ...body });
const accepted = (job: string): OperationBody => ({
  op: 'enqueue',
  type: 'ok',
  process: 'producer-1',
  job,
});
const effect = (job: string, node = 'node-1'): OperationBody => ({
  op: 'effect',
  type: 'ok',
  process: 'ledger',
  job,
  node,
  position: 1,
  id: '1-0',
  source: 'live',
});
const attempt = (job: string, node: string): OperationBody => ({
  op: 'attempt',
  type: 'invoke',
  process: node,
  job,
  node,
  n: 1,
});

test('a job is unfinished from its acknowledgement to its effect or its parking', () => {
  const parked = { op: 'parked', type: 'info', process: 'node-1', job: 'c', reason: 'x' } as const;
  const progress = progressOf(accepted('a'), accepted('b'), accepted('c'), effect('a'), parked);
  expect([...progress.unfinished]).toEqual(['b']);
});

test('an effect that is seen before the acknowledgement finishes its job all the same', () => {
  expect(progressOf(effect('a'), accepted('a')).unfinished.size).toBe(0);
});

test('an attempt is in flight until anybody makes the effect, and no longer at a dead node', () => {
  const progress = progressOf(
    attempt('a', 'node-1'),
    attempt('b', 'node-1'),
    attempt('a', 'node-2'),
  );
  expect(progress.nodeView('node-1').inFlight).toBe(2);
  observe(progress, effect('a', 'node-2'));
  expect(progress.nodeView('node-1').inFlight).toBe(1);
  expect(progress.nodeView('node-2').inFlight).toBe(0);
  const down = { op: 'state', type: 'info', process: 'lab', node: 'node-1' } as const;
  observe(progress, { ...down, incarnation: 'i', state: 'down' });
  expect(progress.nodeView('node-1')).toEqual({
    state: 'down',
    speaks: false,
    epoch: 0,
    inFlight: 0,
    attempts: 2,
    lastEffect: 0,
  });
});

test('who waits goes on with the operation that brings the condition about', async () => {
  const progress = progressOf();
  const waiting = progress.until(() => progress.effects >= 2, { limitMs: 1000 });
  observe(progress, effect('a'));
  observe(progress, effect('b'));
  expect(await waiting).toBe(true);
  expect(time.pending).toBe(0);
});

test('who waits in vain is told so when the limit is over or the wait is ended', async () => {
  const progress = progressOf();
  const limited = progress.until(() => false, { limitMs: 1000 });
  time.advance(1000);
  expect(await limited).toBe(false);
  expect(await progress.until(() => false, { limitMs: 1000, signal: AbortSignal.abort() })).toBe(
    false,
  );
});

test('who was the last to take effect is known without a word of the node, and so is who speaks', () => {
  const progress = progressOf(effect('a', 'node-1'), effect('b', 'node-2'), effect('c', 'node-1'));
  expect(progress.nodeView('node-1')).toMatchObject({ lastEffect: 3, speaks: false });
  expect(progress.nodeView('node-2').lastEffect).toBe(2);
  const state = { op: 'state', type: 'info', process: 'node-2', node: 'node-2' } as const;
  observe(progress, { ...state, incarnation: 'i', state: 'active' });
  expect(progress.nodeView('node-2').speaks).toBe(true);
});

test('a job that a node put aside is told until it takes effect after all', () => {
  const parked = { op: 'parked', type: 'info', process: 'node-1', reason: 'throws' } as const;
  const progress = progressOf({ ...parked, job: 'a' }, { ...parked, job: 'b' }, effect('b'));
  expect(progress.parkedJobs).toEqual(['a']);
});
