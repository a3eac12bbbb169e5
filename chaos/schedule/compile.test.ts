import { expect, test } from 'vitest';
import { InvalidSchedule } from '../errors.ts';
import { afterEffects, at, onceHealed, when } from './builders.ts';
import { compileSchedule, stepDurationMs } from './compile.ts';
import type { Step } from './step.ts';

const options = {
  nodes: ['node-1', 'node-2'],
  servers: ['data', 'lock-1'] as const,
  platform: 'linux' as const,
  redis: 'private' as const,
};
const compile = (...steps: Step[]): ReturnType<typeof compileSchedule> =>
  compileSchedule(steps, options);

test('steps get names in their order, and complete parameters in milliseconds', () => {
  const plan = compile(
    at('2s').kill('leader'),
    afterEffects(200).pause('any', { for: '3s' }),
    when('leader', '1s').stop('node-2', { restartAfter: 250 }),
  );
  expect(plan).toEqual([
    {
      id: 'f1',
      trigger: { kind: 'at', atMs: 2000 },
      fault: 'kill',
      target: 'leader',
      parameters: { restartAfterMs: 1000 },
    },
    {
      id: 'f2',
      trigger: { kind: 'after-effects', count: 200 },
      fault: 'pause',
      target: 'any',
      parameters: { forMs: 3000 },
    },
    {
      id: 'f3',
      trigger: { kind: 'when', condition: 'leader', afterMs: 1000 },
      fault: 'stop',
      target: 'node-2',
      parameters: { restartAfterMs: 250 },
    },
  ]);
  expect(plan.map(stepDurationMs)).toEqual([1000, 3000, 250]);
});

test('a step on all nodes becomes one a node, so that each must be seen to land', () => {
  const plan = compile(at(0).kill('all'));
  expect(plan.map(({ id, target }) => [id, target])).toEqual([
    ['f1.1', 'node-1'],
    ['f1.2', 'node-2'],
  ]);
});

test('a target that is not there is refused with those that are', () => {
  expect(() => compile(at(0).kill('node-3'))).toThrow(
    /step 1 of the schedule \(kill node-3\): there is no such target; there are leader, standby, any, all, same, node-1, node-2, data, lock-1/,
  );
});

test('a parameter that the fault does not have is refused', () => {
  const step = at(0).pause('leader', { until: '3s' } as object);
  expect(() => compile(step)).toThrow(/step 1 .*Unrecognized key/);
});

test('a duration that is none is refused with its parameter', () => {
  expect(() => compile(at(0).kill('leader', { restartAfter: 'soon' }))).toThrow(
    /restartAfter: "soon" is not a duration/,
  );
});

test('an unknown fault is refused with those there are', () => {
  const step = { ...at(0).kill('leader'), fault: 'explode' } as unknown as Step;
  expect(() => compile(step)).toThrow(/there is no such fault; there are kill, stop, pause/);
});

test('a moment before the beginning is refused', () => {
  const step: Step = { ...at(0).kill('leader'), trigger: { kind: 'at', atMs: -1 } };
  expect(() => compile(step)).toThrow(InvalidSchedule);
  expect(() => compile(afterEffects(Number.NaN).kill('leader'))).toThrow(InvalidSchedule);
});

test('a fault that cannot work on this platform is refused before the run', () => {
  const steps = [at(0).pause('leader')];
  expect(() => compileSchedule(steps, { ...options, platform: 'win32' })).toThrow(
    /cannot work here: .*WSL 2.*win32/,
  );
});

test('a step that speaks of the one before it carries its id, and needs one', () => {
  const plan = compile(at(0).kill('any'), onceHealed('1s').pause('same'));
  expect(plan[1]).toMatchObject({
    target: 'same',
    trigger: { kind: 'then', phase: 'healed', afterMs: 1000 },
    previous: ['f1'],
  });
  expect(() => compile(onceHealed().kill('any'))).toThrow(/speaks of the step before it/);
  expect(() => compile(at(0).kill('all'), onceHealed().kill('same'))).toThrow(/no single node/);
});

test('a fault that no Redis server can have is refused for such a target', () => {
  const step: Step = { ...at(0).stop('leader'), target: 'lock-1' };
  expect(() => compile(step)).toThrow(/stop lock-1.*no fault of that name for this target/);
});

test('two faults on one named node at one time exclude each other', () => {
  const first = at('1s').pause('node-1', { for: '2s' });
  expect(() => compile(first, at('2s').kill('node-1'))).toThrow(
    /f1 \(pause node-1 at 1 s\) and f2 \(kill node-1 at 2 s\) exclude each other: node-1 is in the hands of the first until 3 s/,
  );
  expect(compile(first, at('3s').kill('node-1'), at('2s').kill('node-2'))).toHaveLength(3);
});
