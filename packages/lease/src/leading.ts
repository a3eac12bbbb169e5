import type { EpochReading } from './epoch-store.ts';
import { quorumOf } from './lock-view.ts';
import { checkStore, ledgerIsWell } from './memory.ts';
import { driftMs, EXTENDS_PER_TTL, type LeaseSettings } from './settings.ts';
import type { Found, Leading, LeaseEffect, Memory, Minting, Moment, Step } from './state.ts';
import { stepDown } from './stepping-down.ts';

/** Enters `leading`: the lease is proven and the epoch minted. */
export function lead(memory: Memory, minting: Minting, epoch: number, at: Moment): Step {
  const { term, runId } = minting.request;
  const token = { epoch, term };
  const stage: Leading = {
    name: 'leading',
    token,
    runId,
    deadlineMs: minting.deadlineMs,
    extendDueMs: minting.proveSentMs + memory.settings.ttlMs / EXTENDS_PER_TTL,
    extendSentMs: undefined,
    withheld: false,
    beatDueMs: at.nowMs + memory.settings.heartbeatMs,
    beatAtMs: at.nowMs,
    stalledAtMs: undefined,
    cutOffAtMs: undefined,
    // A quorum has just granted it; where it did not, the first heartbeat says so.
    found: memory.nodes.map(() => 'ours'),
  };
  const reading = { epoch, term, runId };
  return {
    state: { memory: { ...memory, reading, failures: 0, vacantSinceMs: undefined }, stage },
    // The heartbeat is on its way, with the epoch, before any handler of the term runs.
    effects: [
      { type: 'beat', term, epoch },
      { type: 'lead', token, via: minting.via, vacantSinceMs: memory.vacantSinceMs ?? at.nowMs },
    ],
  };
}

/** Time passed. (The deadline was looked at already.) */
export function tickLeading(memory: Memory, stage: Leading, at: Moment): Step {
  const [checked, checks] = checkStore(memory, at);
  const [beating, beats] = beatWhenDue(checked.settings, stage, at);
  const [extending, extendsNow] = extendWhenDue(checked, beating, at);
  return {
    state: { memory: checked, stage: extending },
    effects: [...checks, ...beats, ...extendsNow],
  };
}

function beatWhenDue(
  settings: LeaseSettings,
  stage: Leading,
  at: Moment,
): [Leading, readonly LeaseEffect[]] {
  if (at.nowMs < stage.beatDueMs) return [stage, []];
  const stalled = standsStill(settings, stage, at);
  const { term, epoch } = stage.token;
  return [
    {
      ...stage,
      beatDueMs: at.nowMs + settings.heartbeatMs,
      beatAtMs: at.nowMs,
      stalledAtMs: stalled ? at.nowMs : stage.stalledAtMs,
    },
    [{ type: 'beat', term, epoch }],
  ];
}

/**
 * Whether this leader has just stood still for so long that it may be to blame for its silence. That is less
 * than the time-out: it may have been stopped with its last heartbeat not sent yet, or sent to some, and
 * others count from the one before.
 */
function standsStill(
  { silenceMs, heartbeatMs }: LeaseSettings,
  { beatAtMs }: Leading,
  { nowMs }: Moment,
): boolean {
  return nowMs - beatAtMs >= Math.max(silenceMs - 1.5 * heartbeatMs, 1.5 * heartbeatMs);
}

/** L10: without a recent answer of the ledger there is no extend, and the deadline comes. */
function extendWhenDue(
  memory: Memory,
  stage: Leading,
  at: Moment,
): [Leading, readonly LeaseEffect[]] {
  if (stage.extendSentMs !== undefined || at.nowMs < stage.extendDueMs) return [stage, []];
  if (!ledgerIsWell(memory, at)) {
    const extendDueMs = at.nowMs + memory.settings.heartbeatMs;
    return [{ ...stage, withheld: true, extendDueMs }, []];
  }
  return [
    { ...stage, withheld: false, extendSentMs: at.nowMs },
    [{ type: 'extend', term: stage.token.term }],
  ];
}

/** A quorum renewed the lease: the deadline moves, counted from before the extend was sent. */
export function extended(memory: Memory, stage: Leading): Step {
  if (stage.extendSentMs === undefined) return { state: { memory, stage }, effects: [] };
  const { ttlMs } = memory.settings;
  const renewed: Leading = {
    ...stage,
    deadlineMs: stage.extendSentMs + ttlMs - driftMs(ttlMs),
    extendDueMs: stage.extendSentMs + ttlMs / EXTENDS_PER_TTL,
    extendSentMs: undefined,
  };
  return { state: { memory, stage: renewed }, effects: [] };
}

/** No quorum renewed it. Another may have it; otherwise there is time until the deadline. */
export function extendRefused(memory: Memory, stage: Leading, elsewhere: number, at: Moment): Step {
  if (stage.extendSentMs === undefined) return { state: { memory, stage }, effects: [] };
  if (elsewhere >= quorumOf(memory.nodes.length)) return lost(memory, stage, at);
  const extendDueMs = at.nowMs + memory.settings.heartbeatMs;
  const waiting: Leading = { ...stage, extendDueMs, extendSentMs: undefined };
  return { state: { memory, stage: waiting }, effects: [] };
}

/** A heartbeat was answered by one lock node. */
export function beaten(
  memory: Memory,
  stage: Leading,
  node: number,
  found: Found,
  at: Moment,
): Step {
  const all = stage.found.map((f, i) => (i === node ? found : f));
  const [elsewhere, silent] = [
    all.filter((f) => f === 'other').length,
    all.filter((f) => f === 'unknown').length,
  ];
  const cutOff = found === 'unknown' && silent >= quorumOf(memory.nodes.length);
  const seen: Leading = { ...stage, found: all, cutOffAtMs: cutOff ? at.nowMs : stage.cutOffAtMs };
  if (elsewhere >= quorumOf(memory.nodes.length)) return lost(memory, seen, at);
  return found === 'absent'
    ? extendNow(memory, seen, at)
    : { state: { memory, stage: seen }, effects: [] };
}

/** An entry is missing somewhere or incomplete: an extend repairs it (L8). */
export function extendNow(memory: Memory, stage: Leading, at: Moment): Step {
  const [extending, effects] = extendWhenDue(
    memory,
    { ...stage, extendDueMs: Math.min(stage.extendDueMs, at.nowMs) },
    at,
  );
  return { state: { memory, stage: extending }, effects };
}

/**
 * A quorum of lock nodes has another holder. If this process neither stood still for about as long as the
 * heartbeat time-out nor was cut off from the lock nodes, and their evidence says the lease was deposed for
 * silence, the takeover was false, and the group becomes more patient (L9).
 */
function lost(memory: Memory, stage: Leading, at: Moment): Step {
  const next = stepDown(memory, stage, 'lost', at);
  // Stopped between noting a heartbeat and sending it, it learns of its successor before its next is due.
  if (standsStill(memory.settings, stage, at)) return next;
  const silentAtMs = Math.max(stage.stalledAtMs ?? -Infinity, stage.cutOffAtMs ?? -Infinity);
  if (at.nowMs - silentAtMs < memory.settings.ttlMs) return next;
  const report = { type: 'report-false-takeover', term: stage.token.term } as const;
  return { state: next.state, effects: [...next.effects, report] };
}

/** The store's epoch was read while leading: is it still this term's? */
export function epochReadWhileLeading(
  memory: Memory,
  stage: Leading,
  reading: EpochReading | undefined,
  at: Moment,
): Step {
  if (reading && reading.runId !== stage.runId) {
    return stepDown(memory, stage, 'store-changed', at);
  }
  // A lower epoch was read before this term minted, and arrived late.
  if (reading && reading.epoch > stage.token.epoch) return stepDown(memory, stage, 'fenced', at);
  // The ledger is back: what was withheld is not put off any longer.
  if (reading && stage.withheld) return extendNow(memory, stage, at);
  return { state: { memory, stage }, effects: [] };
}
