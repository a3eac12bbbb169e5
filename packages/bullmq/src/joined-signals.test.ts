import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { aborted, joined } from './joined-signals.ts';

test('the first signal that aborts decides, with its reason', () => {
  const [one, two] = [new AbortController(), new AbortController()];
  using ends = joined(one.signal, undefined, two.signal);
  two.abort('cancelled');
  one.abort('later');
  expect(ends.signal).toMatchObject({ aborted: true, reason: 'cancelled' });
  using late = joined(one.signal);
  expect(late.signal).toMatchObject({ aborted: true, reason: 'later' });
});

test('the jobs of a term leave nothing at its signal', async () => {
  const term = new AbortController();
  for (let job = 0; job < 3; job++) {
    using ends = joined(term.signal);
    using overtaken = aborted(term.signal);
    expect(ends.signal.aborted).toBe(false);
    expect(getEventListeners(term.signal, 'abort')).toHaveLength(2);
    expect(overtaken.promise).toBeInstanceOf(Promise);
  }
  expect(getEventListeners(term.signal, 'abort')).toEqual([]);
  term.abort();
  using overtaken = aborted(term.signal);
  await overtaken.promise;
});
