import { expect, test } from 'vitest';
import { messageOf, UnderstudyError } from './errors.ts';

class Refused extends UnderstudyError {
  readonly code = 'REFUSED';
  readonly retriable = true;
}

test('an error carries its code, its context and its cause', () => {
  const cause = new Error('beneath');
  const error = new Refused('it was refused', { cause, context: { port: 1 } });
  expect(error).toMatchObject({ name: 'Refused', code: 'REFUSED', context: { port: 1 }, cause });
});

test('a message is found in whatever was thrown', () => {
  expect(messageOf(new Error('plain'))).toBe('plain');
  expect(messageOf('text')).toBe('text');
  expect(messageOf(new AggregateError([new Error('::1'), new Error('127.0.0.1')]))).toBe(
    '::1; 127.0.0.1',
  );
});
