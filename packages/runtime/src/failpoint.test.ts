import { afterEach, expect, test } from 'vitest';
import { failpoint, failpointSwitch, withoutFailpoints } from './failpoint.ts';

afterEach(() => {
  failpointSwitch().hook = undefined;
});

test('a failpoint that nobody armed does nothing', () => {
  expect(() => failpoint('before-commit', 'p-1')).not.toThrow();
});

test('whoever arms finds the switch on the process and is told what is passed', () => {
  const passed: unknown[] = [];
  const place = globalThis as unknown as Record<symbol, { hook: unknown }>;
  failpoint('before-commit', 'p-0');
  const found = place[Symbol.for('understudy.failpoints')];
  expect(found).toBe(failpointSwitch());
  found!.hook = (...told: unknown[]) => void passed.push(told);
  failpoint('before-commit', 'p-1');
  failpoint('after-lease');
  expect(passed).toEqual([
    ['before-commit', 'p-1'],
    ['after-lease', undefined],
  ]);
});

test('what is run without failpoints passes none, however late, and what goes on beside it does', async () => {
  const passed: string[] = [];
  failpointSwitch().hook = (name) => void passed.push(name);
  const gate = Promise.withResolvers<void>();
  const inside = withoutFailpoints(async () => {
    failpoint('before-commit');
    await gate.promise;
    failpoint('after-commit');
  });
  failpoint('after-lease');
  gate.resolve();
  await inside;
  expect(passed).toEqual(['after-lease']);
});
