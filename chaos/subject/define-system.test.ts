import { expect, test } from 'vitest';
import { SystemUnusable } from '../errors.ts';
import { checkSystem, defineSystem } from './define-system.ts';
import type { System } from './system.ts';

const system: System = {
  nodes: { command: 'npm run worker' },
  enqueue: () => undefined,
  readEffects: () => [],
};

/** What is said of a system that cannot be used. */
function saidOf(value: unknown): string {
  try {
    checkSystem(value, 'the default export');
  } catch (error) {
    if (error instanceof SystemUnusable) return error.message;
    throw error;
  }
  return '';
}

test('a system is what was defined, hooks and all', () => {
  expect(defineSystem(system)).toBe(system);
  const two = {
    ...system,
    nodes: [
      { command: ['a'], count: 1 },
      { command: 'b', count: 2 },
    ],
  };
  expect(defineSystem(two)).toBe(two);
});

test('every mistake is told at once, each with its place', () => {
  const said = saidOf({
    nodes: { command: '', cwd: 'here', env: { REDIS_URL: 'redis://mine', PORT: 1 }, count: 0 },
    enqueue: 'push',
    livenessBoundMs: -1,
    readEffect: () => [],
  });
  expect(said).toMatch(/^the default export cannot be used:\n/);
  const places = ['enqueue: expected a function', 'readEffects: expected a function', 'readEffect'];
  for (const place of [
    ...places,
    'livenessBoundMs: ',
    'nodes.command: ',
    'nodes.cwd: expected an absolute path',
    'nodes.count: ',
    'nodes.env.REDIS_URL: is set by the lab itself',
    'nodes.env.PORT: expected text',
  ]) {
    expect(said).toContain(place);
  }
});

test('a mistake in one of several kinds of nodes is told with its place', () => {
  const said = saidOf({ ...system, nodes: [{ command: 'a', count: 1 }, { comand: 'b' }] });
  expect(said).toContain('nodes.1.command: ');
  expect(said).toContain('"comand"');
  expect(said).toContain('nodes.1.count: expected how many');
  expect(saidOf({ ...system, nodes: [] })).toContain('nodes: expected at least one kind of nodes');
});

test.each([[undefined], [null], ['text'], [42]])(
  '%j is no system, and what one is is said',
  (value) => {
    expect(saidOf(value)).toMatch(/is no system, but .*export default defineSystem/);
  },
);

test('a system without nodes is refused', () => {
  expect(saidOf({ ...system, nodes: undefined })).toContain('nodes: expected an object');
});
