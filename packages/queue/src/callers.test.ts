import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Callers } from './callers.ts';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

test('who has waited longest is served first', async () => {
  const callers = new Callers<string>();
  const { signal } = new AbortController();
  const waiting = [callers.wait(signal), callers.wait(signal)];
  expect([callers.serve('a'), callers.serve('b'), callers.serve('c')]).toEqual([true, true, false]);
  expect(await Promise.all(waiting)).toEqual(['a', 'b']);
});

test('a signal that aborts takes those who wait with it, and no others', async () => {
  let givenUp = 0;
  const callers = new Callers<string>(() => (givenUp += 1));
  const [first, second] = [new AbortController(), new AbortController()];
  const [a, b, c] = [first, second, first].map(({ signal }) => callers.wait(signal));
  first.abort();
  expect(await Promise.all([a, c])).toEqual([undefined, undefined]);
  expect([givenUp, callers.size]).toEqual([2, 1]);
  expect(callers.serve('b')).toBe(true);
  expect(await b).toBe('b');
});

test('many who wait with one signal put one listener at it, and leave none', async () => {
  const callers = new Callers<number>();
  const { signal } = new AbortController();
  const waiting = Array.from({ length: 200 }, () => callers.wait(signal));
  expect(listenersOf(signal)).toBe(1);
  for (let job = 0; job < 199; job++) callers.serve(job);
  expect(listenersOf(signal)).toBe(1);
  callers.close();
  expect([listenersOf(signal), callers.size]).toEqual([0, 0]);
  expect((await Promise.all(waiting)).slice(-2)).toEqual([198, undefined]);
});
