import type { EpochReading } from './epoch-store.ts';
import { UNSEEN } from './lock-view.ts';
import type { LeaseSettings } from './settings.ts';
import type { LeaseEffect, LeaseState, Memory, Moment } from './state.ts';

/** The state before `start`. */
export function createdState(settings: LeaseSettings, lockNodes: number): LeaseState {
  return {
    memory: {
      settings,
      nodes: Array.from({ length: lockNodes }, () => UNSEEN),
      contenders: 1,
      reading: undefined,
      checkDueMs: Number.NEGATIVE_INFINITY,
      checking: false,
      highestEpoch: 0,
      checkedAtEpoch: 0,
      failures: 0,
      vacantSinceMs: undefined,
    },
    stage: { name: 'created' },
  };
}

/** How often the store is looked at: the lease's own sign of life from the ledger (L10). */
function checkEveryMs(settings: LeaseSettings): number {
  return settings.ttlMs / 8;
}

/** Looks at the store when that is due and not under way. */
export function checkStore(memory: Memory, at: Moment): [Memory, readonly LeaseEffect[]] {
  if (memory.checking || at.nowMs < memory.checkDueMs) return [memory, []];
  const checkDueMs = at.nowMs + checkEveryMs(memory.settings);
  // Nobody to ask. `store-ready` brings the next look forward.
  if (at.ledger.runId === undefined) return [{ ...memory, checkDueMs }, []];
  const checkedAtEpoch = memory.highestEpoch;
  return [
    { ...memory, checking: true, checkDueMs, checkedAtEpoch },
    [{ type: 'read-epoch', purpose: 'check' }],
  ];
}

/** Brings the next look at the store forward to now. */
export function checkSoon(memory: Memory): Memory {
  return { ...memory, checkDueMs: Number.NEGATIVE_INFINITY };
}

/** Remembers what the store said of its epoch. */
export function rememberReading(memory: Memory, reading: EpochReading | undefined): Memory {
  if (!reading) return memory;
  return rememberEpoch({ ...memory, reading }, reading.epoch);
}

/** Remembers that `epoch` exists: no later mint may give it again. */
export function rememberEpoch(memory: Memory, epoch: number): Memory {
  return { ...memory, highestEpoch: Math.max(memory.highestEpoch, epoch) };
}

/** L10: whether the ledger answered recently. Who is cut off from it neither extends nor contends. */
export function ledgerIsWell(memory: Memory, at: Moment): boolean {
  const silentMs = at.nowMs - at.ledger.lastAnswerMs;
  return at.ledger.runId !== undefined && silentMs <= memory.settings.ttlMs / 2;
}

/** Randomised, so that standbys that collided do not collide again; wider with every failure. */
export function backOffMs(memory: Memory, at: Moment): number {
  const { pollMs, ttlMs } = memory.settings;
  const widestMs = Math.min(ttlMs / 2, 2 * pollMs * 2 ** memory.failures);
  return pollMs + at.chance * widestMs;
}

/** L6: who was deposed lets the others go first. */
export function deposedBackOffMs(memory: Memory, at: Moment): number {
  const { pollMs, ttlMs } = memory.settings;
  return 2 * pollMs + (at.chance * ttlMs) / 4;
}
