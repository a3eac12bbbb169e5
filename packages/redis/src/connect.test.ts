import { expect, test } from 'vitest';
import { redactUrl } from './connect.ts';

test('a password never gets into what people see', () => {
  expect(redactUrl('rediss://user:secret@example.test:6380/2')).toBe(
    'rediss://example.test:6380/2',
  );
  expect(redactUrl('redis://127.0.0.1:6379')).toBe('redis://127.0.0.1:6379');
  expect(redactUrl('nonsense secret')).toBe('(not a URL)');
});
