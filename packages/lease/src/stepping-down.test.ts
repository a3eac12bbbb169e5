import { expect, test } from 'vitest';
import { createdState } from './memory.ts';
import { leaseSettings } from './settings.ts';
import type { Happening, LeaseState, Step, SteppingDown } from './state.ts';
import { transition, wakeAtMs } from './transition.ts';

const LET_GO_MS = 1000;

function happens(state: LeaseState, happening: Happening, nowMs: number): Step {
  const ledger = { runId: 'store', lastAnswerMs: nowMs };
  return transition(state, { ...happening, at: { nowMs, chance: 0.5, ledger } });
}

/** A lease that gave its term back and has the answers of all lock nodes. */
function letGo(next: SteppingDown['next'], told: boolean): Step {
  const { memory } = createdState(leaseSettings({}), 3);
  const stage: SteppingDown = {
    ...{ name: 'stepping-down', term: 't', awaiting: 'release', next },
    contendFromMs: 0,
  };
  return happens({ memory, stage }, { type: 'released', term: 't', told }, LET_GO_MS);
}

test('who stops, and has told a successor, leaves it the processor for a moment', () => {
  const { state, effects } = letGo('stopped', true);
  expect(effects).toEqual([]);
  const wakeMs = wakeAtMs(state);
  expect(wakeMs).toBeGreaterThan(LET_GO_MS);
  expect(happens(state, { type: 'tick' }, (wakeMs ?? 0) - 1).effects).toEqual([]);
  const left = happens(state, { type: 'tick' }, wakeMs ?? 0);
  expect(left.effects).toEqual([{ type: 'close' }]);
  expect(wakeAtMs(left.state)).toBeUndefined();
});

test('neither a second stop nor a late answer shortens or repeats that', () => {
  const { state } = letGo('stopped', true);
  const again = happens(state, { type: 'stop' }, LET_GO_MS + 1);
  expect(again.effects).toEqual([]);
  const late = happens(again.state, { type: 'released', term: 't', told: true }, LET_GO_MS + 2);
  expect(late.effects).toEqual([]);
  expect(wakeAtMs(late.state)).toBe(wakeAtMs(state));
});

test('who stops where nobody else contends is gone at once', () => {
  expect(letGo('stopped', false).effects).toEqual([{ type: 'close' }]);
});

test('who goes on contending does not linger', () => {
  expect(letGo('standing-by', true).state.stage.name).toBe('standing-by');
});
