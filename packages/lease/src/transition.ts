import { unreachable } from '@understudy/runtime';
import {
  acquired,
  acquireRefused,
  deposeSettled,
  epochReadForMint,
  extendedWhileMinting,
  mintSettled,
  tickMinting,
} from './electing.ts';
import {
  beaten,
  epochReadWhileLeading,
  extended,
  extendNow,
  extendRefused,
  tickLeading,
} from './leading.ts';
import { checkSoon, rememberReading } from './memory.ts';
import {
  givenBack,
  glancedStandingBy,
  probedStandingBy,
  rememberProbe,
  standBy,
  tickStandingBy,
} from './standing-by.ts';
import type { LeaseEffect, LeaseEvent, LeaseState, Moment, Step } from './state.ts';
import { abandon, leave, released, stepDown, tickSteppingDown } from './stepping-down.ts';

/**
 * The whole logic of a lease, without sockets, timers or dice.
 *
 *   created ──start──▶ standing-by ◀──────────── refused, with back-off ─────────────┐
 *                        │  ▲                                                        │
 *                        │  └── released ── stepping-down ◀── deadline, fenced, ──┐  │
 *     a round of probes  │                        ▲          lost, store changed  │  │
 *     says: take it      ▼                        │                               │  │
 *                     acquiring ──quorum──▶ minting ──epoch──▶ leading ───────────┘  │
 *                        └───────────────────────────────────────────────────────────┘
 *
 * - `standing-by` looks at the lock nodes, read-only, one after another, and at all of them at once
 *   (a round) as soon as what it sees calls for it; only a round decides. Now and then it looks at
 *   the store. The next term is prepared in advance: its presence is up before anything is tried (L7).
 * - `acquiring` has, where the holder is silent, first deposed it (L9); redlock's acquire is out.
 * - `minting` holds the lease and is getting an epoch for it (L3). A mint without an answer is
 *   asked again; after a mismatch come read, extend at quorum, and mint, in this order.
 * - `leading` has a token. It beats, extends, and watches its own deadline (L2), the store (L5,
 *   L10) and the lock nodes.
 * - `stepping-down` has given up its term, whatever it was, and waits until the lock nodes know; who
 *   stops for good, and has told others, then lingers for a moment.
 *   Every way out of `minting` and `leading` but election comes through here (L6, L11).
 * - `stopped`: nothing more happens.
 *
 * Events may come in any order: what belongs to another stage or term is ignored, except that a
 * lease acquired too late is released and a presence prepared too late is dropped.
 */
export function transition(state: LeaseState, event: LeaseEvent): Step {
  const expired = expire(state, event.at);
  if (!expired) return handle(state, event);
  const next = handle(expired.state, event);
  return { state: next.state, effects: [...expired.effects, ...next.effects] };
}

/** L2: whatever happened, the deadline comes first. */
function expire({ memory, stage }: LeaseState, at: Moment): Step | undefined {
  if (stage.name !== 'leading' && stage.name !== 'minting') return undefined;
  if (at.nowMs < stage.deadlineMs) return undefined;
  if (stage.name === 'minting') return abandon(memory, stage.request.term, at);
  return stepDown(memory, stage, stage.withheld ? 'ledger-silent' : 'deadline', at);
}

function handle(state: LeaseState, event: LeaseEvent): Step {
  const { memory, stage } = state;
  const { at } = event;
  switch (event.type) {
    case 'start':
      return stage.name === 'created' ? standBy(memory, at, at.nowMs) : nothing(state);
    case 'stop':
      return stop(state, at);
    case 'tick':
      return tick(state, at);
    case 'prepared':
      return prepared(state, event.term);
    case 'probed': {
      const heard = rememberProbe(memory, event.node, event.answer, at);
      if (stage.name !== 'standing-by') return nothing({ memory: heard, stage });
      return probedStandingBy(heard, stage, event.node, event.answer !== undefined, at);
    }
    case 'glanced':
      return glancedStandingBy(memory, stage, event.node, event.answer, at);
    case 'epoch-read':
      return epochRead(state, event);
    case 'depose-settled':
      if (stage.name !== 'acquiring' || stage.step !== 'depose') return nothing(state);
      return deposeSettled(memory, stage, event.removed, at);
    case 'acquired':
    case 'acquire-refused':
      return acquireSettled(state, event);
    case 'mint-settled':
      if (stage.name !== 'minting' || stage.request.term !== event.term) return nothing(state);
      return mintSettled(memory, stage, event.outcome, at);
    case 'extended':
    case 'extend-refused':
      return extendSettled(state, event);
    case 'beaten':
      if (stage.name !== 'leading' || stage.token.term !== event.term) return nothing(state);
      return beaten(memory, stage, event.node, event.found, at);
    case 'node-returned':
      return stage.name === 'leading' ? extendNow(memory, stage, at) : nothing(state);
    case 'given-back':
      return givenBack(memory, stage, at);
    case 'store-ready':
      if (stage.name !== 'leading' || stage.runId === event.runId) {
        return nothing({ memory: checkSoon(memory), stage });
      }
      return stepDown(checkSoon(memory), stage, 'store-changed', at);
    case 'fenced':
      if (stage.name !== 'leading' || stage.token.term !== event.token.term) return nothing(state);
      return stepDown(checkSoon(memory), stage, 'fenced', at);
    case 'released':
      if (stage.name !== 'stepping-down' || stage.term !== event.term) return nothing(state);
      if (stage.awaiting !== 'release') return nothing(state);
      return released(memory, stage, event.told, at);
    default:
      return unreachable(event);
  }
}

function nothing(state: LeaseState): Step {
  return { state, effects: [] };
}

function tick(state: LeaseState, at: Moment): Step {
  const { memory, stage } = state;
  switch (stage.name) {
    case 'standing-by':
      return tickStandingBy(memory, stage, at);
    case 'minting':
      return tickMinting(memory, stage, at);
    case 'leading':
      return tickLeading(memory, stage, at);
    case 'stepping-down':
      return tickSteppingDown(memory, stage, at);
    case 'created':
    case 'acquiring':
    case 'stopped':
      return nothing(state);
    default:
      return unreachable(stage);
  }
}

function prepared(state: LeaseState, term: string): Step {
  const { memory, stage } = state;
  if (stage.name === 'standing-by' && stage.spare === undefined) {
    return nothing({ memory, stage: { ...stage, spare: term } });
  }
  return { state, effects: [{ type: 'drop-presence', term }] };
}

function epochRead(state: LeaseState, event: LeaseEvent & { type: 'epoch-read' }): Step {
  const { stage } = state;
  if (event.purpose === 'mint') {
    if (stage.name !== 'minting') return nothing(state);
    return epochReadForMint(state.memory, stage, event.reading, event.at);
  }
  const memory = rememberReading({ ...state.memory, checking: false }, event.reading);
  if (stage.name !== 'leading') return nothing({ memory, stage });
  return epochReadWhileLeading(memory, stage, event.reading, event.at);
}

function acquireSettled(
  state: LeaseState,
  event: LeaseEvent & { type: 'acquired' | 'acquire-refused' },
): Step {
  const { memory, stage } = state;
  const { term, at } = event;
  if (stage.name === 'acquiring' && stage.step === 'acquire' && stage.term === term) {
    return event.type === 'acquired'
      ? acquired(memory, stage, at)
      : acquireRefused(memory, stage, event.nowhere, at);
  }
  if (stage.name === 'stepping-down' && stage.term === term && stage.awaiting === 'acquire') {
    return leave(memory, term, stage.next, stage.contendFromMs);
  }
  return nothing(state);
}

function extendSettled(
  state: LeaseState,
  event: LeaseEvent & { type: 'extended' | 'extend-refused' },
): Step {
  const { memory, stage } = state;
  if (stage.name === 'leading' && stage.token.term === event.term) {
    return event.type === 'extended'
      ? extended(memory, stage)
      : extendRefused(memory, stage, event.elsewhere, event.at);
  }
  if (stage.name === 'minting' && stage.request.term === event.term) {
    if (event.type === 'extended') return extendedWhileMinting(memory, stage);
    return stage.step === 'prove' ? abandon(memory, event.term, event.at) : nothing(state);
  }
  return nothing(state);
}

/** L11: gives up whatever there is; the last effect is always `close`. */
function stop(state: LeaseState, at: Moment): Step {
  const { memory, stage } = state;
  const close: LeaseEffect = { type: 'close' };
  switch (stage.name) {
    case 'created':
    case 'standing-by':
      return { state: { memory, stage: { name: 'stopped' } }, effects: [close] };
    case 'acquiring': {
      if (stage.step === 'depose') {
        return { state: { memory, stage: { name: 'stopped' } }, effects: [close] };
      }
      // What the acquire that is out will get must be given back: wait for it.
      const { term } = stage;
      const waiting = { name: 'stepping-down', term, awaiting: 'acquire' } as const;
      return {
        state: { memory, stage: { ...waiting, next: 'stopped', contendFromMs: 0 } },
        effects: [{ type: 'drop-presence', term }],
      };
    }
    case 'minting':
      return leave(memory, stage.request.term, 'stopped', 0);
    case 'leading':
      return stepDown(memory, stage, 'released', at);
    case 'stepping-down':
      return nothing({ memory, stage: { ...stage, next: 'stopped' } });
    case 'stopped':
      return nothing(state);
    default:
      return unreachable(stage);
  }
}

/** When the next `tick` is wanted; undefined while only an answer can bring anything on. */
export function wakeAtMs({ memory, stage }: LeaseState): number | undefined {
  const checkMs = memory.checking ? Number.POSITIVE_INFINITY : memory.checkDueMs;
  switch (stage.name) {
    case 'standing-by':
      return Math.min(stage.round?.closesMs ?? stage.pollDueMs, checkMs);
    case 'minting':
      return Math.min(stage.step === 'pause' ? stage.pauseUntilMs : Infinity, stage.deadlineMs);
    case 'leading': {
      const extendMs = stage.extendSentMs === undefined ? stage.extendDueMs : Infinity;
      return Math.min(stage.deadlineMs, stage.beatDueMs, extendMs, checkMs);
    }
    case 'stepping-down':
      return stage.lingerUntilMs;
    case 'created':
    case 'acquiring':
    case 'stopped':
      return undefined;
    default:
      return unreachable(stage);
  }
}
