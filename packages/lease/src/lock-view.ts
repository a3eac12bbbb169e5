import { unreachable } from '@understudy/runtime';
import type { ElectedVia } from './lease-change.ts';
import { type LeaseSettings, longestLookMs } from './settings.ts';

/** Who has the lock on one lock node, in one word: see `scripts/standing.lua`. */
export type Standing = 'free' | 'own' | 'gone' | 'grace' | 'held';

/** What one lock node answered to a probe. */
export interface ProbeAnswer {
  readonly standing: Standing;
  /** Value of the lock; '' when there is none. */
  readonly value: string;
  /** The holder's heartbeat counter; -1 where nothing is known of the holder. */
  readonly beat: number;
  /** How long ago that heartbeat was, by the lock node's clock, in ms; 0 where nothing is known. */
  readonly beatAgeMs: number;
  /** How long the lock lasts unless extended. Negative when there is none. */
  readonly leftMs: number;
  /** The highest epoch this node was told of. */
  readonly knownEpoch: number;
  /** Heartbeat time-out after false takeovers, when it was set; 0 when it was not. */
  readonly silenceMs: number;
  /** How much of `SILENCE_DECAY_MS` is left of it. */
  readonly silenceLeftMs: number;
  /** The holder's presence channel; '' where nothing is known of it. */
  readonly channel: string;
  /** `run_id` of the server that answered. */
  readonly runId: string;
}

/** What one lock node answered to a glance: how many listen to a channel. */
export interface GlanceAnswer {
  /** The channel of the holder, as the last probe had it. */
  readonly holder: number;
  /** The channel of all that contend. */
  readonly contenders: number;
}

/** What a standby knows of one lock node. */
export interface NodeView {
  /** Whether it answered the last probe in time: only then is it waited for. */
  readonly responsive: boolean;
  /** A probe was sent and neither answered nor failed yet. */
  readonly probing: boolean;
  /** A glance was sent and neither answered nor failed yet. */
  readonly glancing: boolean;
  /** When the last probe or glance was sent. */
  readonly askedAtMs: number;
  readonly last: ProbeAnswer | undefined;
  /** When `last` was asked for, and when it came: the node said it in between. */
  readonly lastAskedAtMs: number;
  readonly lastAtMs: number;
  /** For how long the heartbeat was *seen* to stand still (L9). */
  readonly quietMs: number;
  /** The last lock value seen here, and since when. */
  readonly holder: string;
  readonly holderSinceMs: number;
  /** While the lock is absent: what ended it. */
  readonly freedBy: 'free' | 'expiry';
  /** A lock that vanished in a restart of its node is honoured until it would have expired. */
  readonly honourUntilMs: number;
}

/** A lock as it was seen: what `depose.lua` compares before it deletes. */
export interface SeenLock {
  readonly node: number;
  readonly value: string;
  readonly beat: number;
}

/** What a round of probes calls for. */
export type Assessment =
  /**
   * `mixed`: some nodes say one thing, some another; look again soon. `held`: a quorum answers, and
   * all of it says that somebody has the lease.
   */
  | { readonly kind: 'wait'; readonly mixed: boolean; readonly held: boolean }
  | { readonly kind: 'take'; readonly via: ElectedVia }
  | { readonly kind: 'depose'; readonly silent: readonly SeenLock[] };

/** A raised heartbeat time-out falls back to the base in a straight line over this long. */
export const SILENCE_DECAY_MS = 600_000;

/** Before the first answer a node is assumed well, so that the first round waits for it. */
export const UNSEEN: NodeView = {
  responsive: true,
  probing: false,
  glancing: false,
  askedAtMs: 0,
  last: undefined,
  lastAskedAtMs: 0,
  lastAtMs: 0,
  quietMs: 0,
  holder: '',
  holderSinceMs: 0,
  freedBy: 'free',
  honourUntilMs: 0,
};

/** How many of `nodes` lock nodes are more than half. */
export function quorumOf(nodes: number): number {
  return Math.floor(nodes / 2) + 1;
}

/** Takes an answer (or, with `undefined`, a failure to answer) into account. */
export function observe(
  view: NodeView,
  answer: ProbeAnswer | undefined,
  nowMs: number,
  settings: LeaseSettings,
): NodeView {
  if (!answer) return { ...view, responsive: false, probing: false };
  const before = view.last;
  const changedHands = answer.value !== '' && answer.value !== view.holder;
  const wasTaken = before !== undefined && before.standing !== 'free';
  const isFree = answer.standing === 'free';
  const restarted = before !== undefined && before.runId !== answer.runId;
  const wasHeld = wasTaken && !isTakeable(before.standing);
  // Counted from when it was asked for: what ran out is never taken for released. The 2 ms are
  // Redis' resolution.
  const ranOut = wasTaken && nowMs + 2 >= view.lastAskedAtMs + before.leftMs;
  return {
    ...view,
    responsive: true,
    probing: false,
    last: answer,
    lastAskedAtMs: view.askedAtMs,
    lastAtMs: nowMs,
    quietMs: quiet(view, answer, nowMs, settings),
    holder: changedHands ? answer.value : view.holder,
    holderSinceMs: changedHands ? nowMs : view.holderSinceMs,
    freedBy: !isFree || !wasTaken ? view.freedBy : ranOut ? 'expiry' : 'free',
    honourUntilMs: honourUntil(view, isFree, restarted && wasHeld, settings),
  };
}

/** Takes a glance into account, or its failure. Of the holder it says nothing that lasts. */
export function observeGlance(view: NodeView, answer: GlanceAnswer | undefined): NodeView {
  return { ...view, glancing: false, responsive: view.responsive && answer !== undefined };
}

/**
 * For how long the heartbeat has stood still. Of a beat that was not seen before the lock node says how
 * old it is; after that it is added up. Either way the time between two answers counts at most as much
 * as a standby that runs lets pass: so neither its own stalls, nor the lock node's, nor a step of that
 * node's clock are held against the leader.
 */
function quiet(
  view: NodeView,
  answer: ProbeAnswer,
  nowMs: number,
  settings: LeaseSettings,
): number {
  const before = view.last;
  if (!before || before.value !== answer.value) return 0;
  const passedMs = Math.min(nowMs - view.lastAtMs, longestLookMs(settings));
  if (before.beat === answer.beat) return view.quietMs + passedMs;
  return Math.max(0, Math.min(answer.beatAgeMs, passedMs));
}

function honourUntil(
  view: NodeView,
  isFree: boolean,
  vanishedInRestart: boolean,
  settings: LeaseSettings,
): number {
  if (!isFree) return 0;
  return vanishedInRestart ? view.lastAtMs + settings.ttlMs : view.honourUntilMs;
}

/**
 * When the silence of the holder will have lasted for the time-out, if none of its hearts beats before; a
 * guess, for a round of probes then is what decides. Infinity where silence alone would not do, or where
 * nothing is known of the heart.
 * @param answering the nodes that are expected to answer a round
 */
export function silentFromMs(
  views: readonly NodeView[],
  answering: readonly number[],
  settings: LeaseSettings,
): number {
  const seen = seenOf(views, answering);
  const held = seen.filter(({ last }) => last.standing === 'held');
  if (!settings.presence || seen.length < quorumOf(views.length) || held.length === 0) {
    return Number.POSITIVE_INFINITY;
  }
  if (held.some(({ last }) => last.beat < 0)) return Number.POSITIVE_INFINITY;
  const beatsMs = held.map(({ view }) => view.lastAtMs - view.quietMs);
  return Math.max(
    leftAloneUntilMs(seen, settings),
    Math.max(...beatsMs) + timeOutOf(seen, settings),
  );
}

/**
 * L8: a lease is taken only where a quorum of all nodes answers, and every node that answers says
 * it may be taken. L9: where the only objection is a holder whose heartbeat is silent, that holder
 * is to be deposed first.
 * @param answered the nodes that answered this round
 */
export function assess(
  views: readonly NodeView[],
  answered: readonly number[],
  nowMs: number,
  settings: LeaseSettings,
): Assessment {
  const seen = seenOf(views, answered);
  const standings = seen.map(({ view, last }) => standingNow(view, last, nowMs));
  const takeable = standings.filter(isTakeable).length;
  if (seen.length < quorumOf(views.length)) return { kind: 'wait', mixed: false, held: false };
  if (takeable === seen.length) return { kind: 'take', via: viaOf(standings, seen) };

  const wait = { kind: 'wait', mixed: takeable > 0, held: takeable === 0 } as const;
  if (!settings.presence) return wait;
  const timeOutMs = timeOutOf(seen, settings);
  const objecting = seen.filter((_, i) => !isTakeable(standings[i] ?? 'held'));
  const allSilent = objecting.every(
    ({ view, last }) => last.beat >= 0 && view.quietMs >= timeOutMs,
  );
  if (!allSilent || nowMs < leftAloneUntilMs(seen, settings)) return wait;
  const silent = objecting.map(({ node, last }) => ({ node, value: last.value, beat: last.beat }));
  return { kind: 'depose', silent };
}

/** A lock node that answered at some time, with its last answer. */
interface Seen {
  readonly node: number;
  readonly view: NodeView;
  readonly last: ProbeAnswer;
}

function seenOf(views: readonly NodeView[], nodes: readonly number[]): Seen[] {
  return nodes.flatMap((node) => {
    const view = views[node];
    return view?.last ? [{ node, view, last: view.last }] : [];
  });
}

/** The longest heartbeat time-out that one of them knows. */
function timeOutOf(seen: readonly Seen[], settings: LeaseSettings): number {
  return Math.max(...seen.map(({ last }) => silenceInForce(last, settings)));
}

/** Takeovers are rate-limited: a holder is left alone for one TTL after it was first seen. */
function leftAloneUntilMs(seen: readonly Seen[], { ttlMs }: LeaseSettings): number {
  return Math.max(...seen.map(({ view }) => view.holderSinceMs)) + ttlMs;
}

function standingNow(view: NodeView, last: ProbeAnswer, nowMs: number): Standing {
  return last.standing === 'free' && nowMs < view.honourUntilMs ? 'grace' : last.standing;
}

function isTakeable(standing: Standing): boolean {
  switch (standing) {
    case 'free':
    case 'own':
    case 'gone':
      return true;
    case 'grace':
    case 'held':
      return false;
    default:
      return unreachable(standing);
  }
}

function viaOf(standings: readonly Standing[], seen: readonly { view: NodeView }[]): ElectedVia {
  if (standings.includes('own')) return 'own';
  if (standings.includes('gone')) return 'presence';
  return seen.some(({ view }) => view.freedBy === 'expiry') ? 'expiry' : 'free';
}

/** The heartbeat time-out as one lock node knows it: a raised one decays slowly. */
export function silenceInForce(
  answer: Pick<ProbeAnswer, 'silenceMs' | 'silenceLeftMs'>,
  settings: Pick<LeaseSettings, 'silenceMs'>,
): number {
  const raisedMs = Math.max(0, answer.silenceMs - settings.silenceMs);
  const left = Math.min(1, Math.max(0, answer.silenceLeftMs) / SILENCE_DECAY_MS);
  return settings.silenceMs + raisedMs * left;
}
