import { expect, it } from 'vitest';
import { randomId } from './ids.ts';

it('every identifier can be a name: it begins with a letter or a digit', () => {
  const ids = Array.from({ length: 2000 }, randomId);
  expect(ids.filter((id) => !/^[A-Za-z0-9][A-Za-z0-9_-]{15}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});
