import { expect, test } from 'vitest';
import { socketPath } from './hand-messages.ts';

test('a socket is opened by a path that is short enough, seen from here if need be, else not at all', () => {
  const deep = `/home/${'a-long-name/'.repeat(8)}shop`;
  const path = `${deep}/.understudy/runs/20261126-181512-active-passive-Z9aV8a/hand.sock`;
  expect(socketPath('/tmp/hand.sock', deep)).toBe('/tmp/hand.sock');
  expect(socketPath(path, deep)).toBe(path.slice(deep.length + 1));
  expect(socketPath(path, '/')).toBeUndefined();
});
