import type { EpochReading, MintOutcome } from './epoch-store.ts';
import { unreachable } from '@understudy/runtime';
import { lead } from './leading.ts';
import { quorumOf } from './lock-view.ts';
import { rememberEpoch, rememberReading } from './memory.ts';
import { driftMs } from './settings.ts';
import { standByAgain } from './standing-by.ts';
import type { Acquiring, Memory, Minting, Moment, Step } from './state.ts';
import { abandon } from './stepping-down.ts';

/** A mint that meets others' mints this often gives up: somebody else is better placed. */
const MAX_ROUNDS = 4;
/** Between a mint or read without an answer and the next. */
const PAUSE_MS = 20;

/** The silent holder's lock was deleted where nobody objected: go on if that is a quorum. */
export function deposeSettled(memory: Memory, stage: Acquiring, removed: number, at: Moment): Step {
  if (stage.takeable + removed < quorumOf(memory.nodes.length)) {
    return standByAgain(memory, at, stage.term);
  }
  const reading = memory.reading ?? stage.reading;
  return {
    state: { memory, stage: { ...stage, step: 'acquire', reading, sentMs: at.nowMs } },
    effects: [{ type: 'acquire', term: stage.term }],
  };
}

/** A quorum said yes. */
export function acquired(memory: Memory, stage: Acquiring, at: Moment): Step {
  const deadlineMs = stage.sentMs + memory.settings.ttlMs - driftMs(memory.settings.ttlMs);
  // redlock may return a lock that is past its end already (its issue 296).
  if (at.nowMs >= deadlineMs) return abandon(memory, stage.term, at);
  const request = {
    term: stage.term,
    expected: stage.reading.epoch,
    floor: memory.highestEpoch,
    runId: stage.reading.runId,
  };
  return {
    state: {
      memory,
      stage: {
        name: 'minting',
        via: stage.via,
        deadlineMs,
        step: 'mint',
        resume: 'mint',
        pauseUntilMs: 0,
        proveSentMs: stage.sentMs,
        request,
        rounds: 1,
        uncertain: false,
      },
    },
    effects: [{ type: 'mint', request }],
  };
}

/**
 * No quorum. Where somebody else was faster on every lock node the term is as new as before: who loses a
 * contest does not keep the winner's machine busy. Otherwise redlock has taken back what it got, as far
 * as it knows, and the term is used up.
 */
export function acquireRefused(
  memory: Memory,
  stage: Acquiring,
  nowhere: boolean,
  at: Moment,
): Step {
  if (nowhere) return standByAgain(memory, at, stage.term);
  const next = standByAgain(memory, at);
  const drop = { type: 'drop-presence', term: stage.term } as const;
  return { state: next.state, effects: [drop, ...next.effects] };
}

/** The store answered a mint, or did not. */
export function mintSettled(
  memory: Memory,
  stage: Minting,
  outcome: MintOutcome | { readonly status: 'unknown' },
  at: Moment,
): Step {
  if (stage.step !== 'mint') return { state: { memory, stage }, effects: [] };
  switch (outcome.status) {
    case 'minted':
      return minted(memory, stage, outcome.epoch, at);
    case 'mismatch':
      // The mint without an answer may have been this term's, and been overtaken: minting again
      // would give one term two epochs.
      if (stage.uncertain || stage.rounds >= MAX_ROUNDS) {
        return abandon(rememberEpoch(memory, outcome.epoch), stage.request.term, at);
      }
      return readAgain(rememberEpoch(memory, outcome.epoch), stage);
    case 'store-changed':
      if (stage.rounds >= MAX_ROUNDS) return abandon(memory, stage.request.term, at);
      return readAgain(memory, stage);
    case 'unknown':
      return pause(memory, { ...stage, uncertain: true }, 'mint', at);
    default:
      return unreachable(outcome);
  }
}

function minted(memory: Memory, stage: Minting, epoch: number, at: Moment): Step {
  const { expected, floor, term } = stage.request;
  // The mint compared `expected` with what the store had: below the floor, it has forgotten.
  const regressed = floor > expected || epoch <= floor;
  const tell = { type: 'tell-regression', storeEpoch: expected, knownEpoch: floor } as const;
  const next =
    epoch <= floor
      ? // A store that gives an epoch twice: nobody may lead by it.
        abandon(memory, term, at)
      : lead(rememberEpoch(memory, epoch), stage, epoch, at);
  return { state: next.state, effects: regressed ? [tell, ...next.effects] : next.effects };
}

function readAgain(memory: Memory, stage: Minting): Step {
  return {
    state: { memory, stage: { ...stage, step: 'read' } },
    effects: [{ type: 'read-epoch', purpose: 'mint' }],
  };
}

function pause(memory: Memory, stage: Minting, resume: 'mint' | 'read', at: Moment): Step {
  const pauseUntilMs = at.nowMs + PAUSE_MS;
  return {
    state: { memory, stage: { ...stage, step: 'pause', resume, pauseUntilMs } },
    effects: [],
  };
}

/** The epoch was read again: now the lease must be proven again, and only then minted (L3). */
export function epochReadForMint(
  memory: Memory,
  stage: Minting,
  reading: EpochReading | undefined,
  at: Moment,
): Step {
  if (stage.step !== 'read') return { state: { memory, stage }, effects: [] };
  if (!reading) return pause(memory, stage, 'read', at);
  const { term } = stage.request;
  const request = { ...stage.request, expected: reading.epoch, runId: reading.runId };
  return {
    state: {
      memory: rememberReading(memory, reading),
      stage: { ...stage, step: 'prove', proveSentMs: at.nowMs, request },
    },
    effects: [{ type: 'extend', term }],
  };
}

/** The lease is proven again. */
export function extendedWhileMinting(memory: Memory, stage: Minting): Step {
  if (stage.step !== 'prove') return { state: { memory, stage }, effects: [] };
  const request = { ...stage.request, floor: memory.highestEpoch };
  const deadlineMs = stage.proveSentMs + memory.settings.ttlMs - driftMs(memory.settings.ttlMs);
  return {
    state: {
      memory,
      stage: { ...stage, step: 'mint', deadlineMs, request, rounds: stage.rounds + 1 },
    },
    effects: [{ type: 'mint', request }],
  };
}

/** Time passed. (The deadline was looked at already.) */
export function tickMinting(memory: Memory, stage: Minting, at: Moment): Step {
  if (stage.step !== 'pause' || at.nowMs < stage.pauseUntilMs) {
    return { state: { memory, stage }, effects: [] };
  }
  if (stage.resume === 'read') return readAgain(memory, stage);
  return {
    state: { memory, stage: { ...stage, step: 'mint' } },
    effects: [{ type: 'mint', request: stage.request }],
  };
}
