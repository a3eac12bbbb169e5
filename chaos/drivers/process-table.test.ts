import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { groupStates, startTimeOf } from './process-table.ts';

test('a living process has a start time that does not change, an ended one has none', async () => {
  const child = spawn('/bin/sh', ['-c', 'read x'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid as number;
  const startTime = startTimeOf(pid);
  expect(startTime).toBeTruthy();
  expect(startTimeOf(pid)).toBe(startTime);
  child.stdin.end('\n');
  await once(child, 'exit');
  expect(startTimeOf(pid)).toBeUndefined();
});

test('a pid that is not in use has neither start time nor group', () => {
  const unused = 2 ** 22 + 1;
  expect(startTimeOf(unused)).toBeUndefined();
  expect(groupStates(unused)).toBe('');
});
