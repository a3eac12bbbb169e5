import { expect, test } from 'vitest';
import { lastState, lastStateIn } from './container-log.ts';
import { aContainer, FakeEngine } from './fake-engine.test-support.ts';

const STATE = '@understudy {"event":"state","state":"passive","incarnation":"i1"}';
const ATTEMPT = '@understudy {"event":"attempt","job":"p-1","n":1}';

test('the last state that a node told counts, with the incarnation that told it', () => {
  const later = '@understudy {"event":"state","state":"active","epoch":4,"incarnation":"i2"}';
  expect(lastState([STATE, ATTEMPT, later, ATTEMPT])).toMatchObject({
    state: 'active',
    epoch: 4,
    incarnation: 'i2',
  });
  expect(lastState([ATTEMPT, 'passive'])).toBeUndefined();
});

test('a state that was told long ago is found, and a log that lost it says so', async () => {
  const engine = new FakeEngine(aContainer());
  let log = [STATE, ...Array.from({ length: 5000 }, () => ATTEMPT)];
  const asked: number[] = [];
  engine.lastLines = (_?: unknown, count = 0) => {
    asked.push(count);
    return Promise.resolve(log.slice(-count));
  };
  expect(await lastStateIn(engine, engine.facts)).toMatchObject({ state: 'passive' });
  expect(asked).toEqual([500, 4000, 32_000]);
  log = log.slice(1);
  expect(await lastStateIn(engine, engine.facts)).toBeUndefined();
});
