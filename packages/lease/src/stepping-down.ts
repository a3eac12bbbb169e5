import type { DeposedReason } from './lease-change.ts';
import { deposedBackOffMs } from './memory.ts';
import { standBy } from './standing-by.ts';
import type { Leading, LeaseEffect, Memory, Moment, Step, SteppingDown } from './state.ts';

/** Several times as long as a successor needs from the release to its first effect. */
const LINGER_MS = 100;

/**
 * Ends a term: first its signal, then its presence, then the lease, by value. The order matters
 * to the owner only; each part is done whether or not the others succeed.
 */
export function stepDown(memory: Memory, stage: Leading, reason: DeposedReason, at: Moment): Step {
  const { token } = stage;
  const next = reason === 'released' ? 'stopped' : 'standing-by';
  // The store restarted: nobody else is better placed, so there is nothing to wait for.
  const waitMs = reason === 'store-changed' ? 0 : deposedBackOffMs(memory, at);
  const left = leave(memory, token.term, next, at.nowMs + waitMs);
  return { state: left.state, effects: [{ type: 'yield', token, reason }, ...left.effects] };
}

/** Gives up a term that was acquired but never led. */
export function abandon(memory: Memory, term: string, at: Moment): Step {
  const failed = { ...memory, failures: memory.failures + 1 };
  return leave(failed, term, 'standing-by', at.nowMs + deposedBackOffMs(memory, at));
}

/** Drops the term's presence and releases the lease on every lock node. */
export function leave(
  memory: Memory,
  term: string,
  next: SteppingDown['next'],
  contendFromMs: number,
): Step {
  const effects: LeaseEffect[] = [
    { type: 'drop-presence', term },
    { type: 'release', term },
  ];
  const stage: SteppingDown = {
    name: 'stepping-down',
    term,
    awaiting: 'release',
    next,
    contendFromMs,
  };
  return { state: { memory, stage }, effects };
}

/**
 * Every lock node has answered the release, or had its time to. Who stops for good lingers where somebody
 * was told: closing connections and ending the process would take the processor from the successor,
 * in the moment in which all wait for its first effect.
 */
export function released(memory: Memory, stage: SteppingDown, told: boolean, at: Moment): Step {
  if (stage.next === 'standing-by') return standBy(memory, at, stage.contendFromMs);
  if (!told) return stopped(memory);
  const lingerUntilMs = at.nowMs + LINGER_MS;
  return {
    state: { memory, stage: { ...stage, awaiting: 'successor', lingerUntilMs } },
    effects: [],
  };
}

/** Time passed. */
export function tickSteppingDown(memory: Memory, stage: SteppingDown, at: Moment): Step {
  const { lingerUntilMs = Number.POSITIVE_INFINITY } = stage;
  return at.nowMs < lingerUntilMs ? { state: { memory, stage }, effects: [] } : stopped(memory);
}

function stopped(memory: Memory): Step {
  return { state: { memory, stage: { name: 'stopped' } }, effects: [{ type: 'close' }] };
}
