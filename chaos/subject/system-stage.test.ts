import { systemClock, systemTimers } from '@understudy/runtime';
import { expect, test, vi } from 'vitest';
import { SystemUnusable } from '../errors.ts';
import { setUpSystem, type SystemStage } from './system-stage.ts';
import type { System, SystemRun } from './system.ts';

const node = { name: 'node-1', incarnation: 'i' };

function stage(hooks: Partial<System>, notes: string[] = []): Promise<SystemStage> {
  return setUpSystem({
    system: {
      nodes: { command: 'x' },
      enqueue: () => undefined,
      readEffects: () => [],
      ...hooks,
    },
    run: { run: 'r', signal: new AbortController().signal } as SystemRun,
    record: () => undefined,
    onFailure: () => undefined,
    note: (_, text) => void notes.push(text),
    clock: systemClock,
    timers: systemTimers,
  });
}

test('a setUp that throws is told before anything was started, and torn down', async () => {
  const tearDown = vi.fn();
  const broken = stage({ setUp: () => Promise.reject(new TypeError('no database')), tearDown });
  await expect(broken).rejects.toThrow(SystemUnusable);
  await expect(broken).rejects.toThrow(/setUp\(\) threw: no database\. Nothing was started/);
  expect(tearDown).toHaveBeenCalledOnce();
});

test('hooks are told the run, and tearDown comes last', async () => {
  const called: string[] = [];
  const note =
    (name: string) =>
    ({ run }: SystemRun): never[] => {
      called.push(`${name} ${run}`);
      return [];
    };
  const made = await stage({
    setUp: note('setUp'),
    readEffects: note('readEffects'),
    tearDown: note('tearDown'),
  });
  await made[Symbol.asyncDispose]();
  expect(called.slice(0, 2)).toEqual(['setUp r', 'readEffects r']);
  expect(called.at(-1)).toBe('tearDown r');
});

test('a node is ready when the system says true, and what it threw meanwhile is told', async () => {
  let answer: () => unknown = () => {
    throw new TypeError('no port');
  };
  await using made = await stage({ ready: () => answer() as boolean });
  const sign = made.signOf(node);
  await vi.waitFor(() => expect(sign?.advice).toContain('It threw: no port'));
  answer = () => true;
  await sign?.seen;
  expect(sign?.alone).toBe(true);
});

test('who leads is what leader() last said, and nobody when it throws', async () => {
  const notes: string[] = [];
  let leader: () => string | undefined = () => 'node-2';
  await using made = await stage({ leader: () => leader() }, notes);
  await vi.waitFor(() => expect(made.leaderTold?.()).toBe('node-2'));
  leader = () => {
    throw new TypeError('no answer');
  };
  await vi.waitFor(() => expect(made.leaderTold?.()).toBeUndefined());
  expect(notes).toContainEqual(expect.stringContaining('no answer'));
});

test('what a system does not tell is unknown: who leads, who is ready, what waits', async () => {
  await using made = await stage({});
  expect(made.leaderTold).toBeUndefined();
  expect(made.signOf(node)).toBeUndefined();
  expect(await made.queue.outstanding()).toBeUndefined();
  expect(await made.queue.rest()).toMatchObject({ pendingJobs: undefined });
  await using told = await stage({ readPending: () => ['a', 'b'] });
  expect(await told.queue.outstanding()).toBe(2);
  expect((await told.queue.rest()).pendingJobs).toEqual(['a', 'b']);
});

test('a tearDown that throws is noted: the run is over and judged', async () => {
  const notes: string[] = [];
  const made = await stage({ tearDown: () => Promise.reject(new TypeError('gone')) }, notes);
  await made[Symbol.asyncDispose]();
  expect(notes).toEqual(['tearDown() threw: gone']);
});
