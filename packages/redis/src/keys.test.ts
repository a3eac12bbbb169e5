import { expect, test } from 'vitest';
import { InvalidName } from './errors.ts';
import { groupKeys } from './keys.ts';

test('every key of a group carries its hash tag, so that scripts stay within one slot', () => {
  for (const name of Object.values(groupKeys('payments'))) {
    const key =
      typeof name === 'function' ? (name as (...parts: string[]) => string)('x', 'y') : name;
    if (key !== 'payments') expect(key).toContain('{payments}');
  }
});

test('a name that could not be part of a key is refused with what is allowed', () => {
  for (const name of ['', 'a{b}', 'a b', 'a:b', '-a', 'a'.repeat(65)]) {
    expect(() => groupKeys(name)).toThrow(InvalidName);
  }
  expect(() => groupKeys('a{b}')).toThrow(/1 to 64 letters/);
});
