import { expect, test } from 'vitest';
import { paceUntil } from './pace.ts';

test('jobs are due evenly, so that a late one is caught up with', () => {
  expect([0, 1, 400].map((index) => paceUntil(1000, index, 400))).toEqual([1000, 1002.5, 2000]);
});
