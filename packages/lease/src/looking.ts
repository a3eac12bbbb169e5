import type { NodeView } from './lock-view.ts';
import { longestLookMs } from './settings.ts';
import type { LeaseEffect, Memory, Moment, StandingBy, Step } from './state.ts';

/**
 * Of a holder whose heartbeat was seen this lately only its presence is looked for, by a standby that is
 * alone. Lock nodes say how old a heartbeat is: who looks again later has missed nothing.
 */
const FRESH_FOR_HEARTBEATS = 2;
/** A heartbeat that stood still for this many is looked at as often as presence is. */
const ILL_AFTER_HEARTBEATS = 1.5;
/** However many contend, nobody looks less often than this many times `pollMs`. */
const LONGEST_POLLS = 10;

/**
 * When the next look is due: each lock node is looked at once in `pollMs`, one after another. Where many
 * stand by they share the work: each looks less often, so that all of them together look as often as one
 * would, however many there are.
 */
export function nextPollMs(memory: Memory, at: Moment): number {
  return at.nowMs + betweenLooksMs(memory) * (0.5 + at.chance);
}

/** How long a standby waits between its look at one lock node and at the next, on average, in ms. */
export function betweenLooksMs(memory: Memory): number {
  const { settings, nodes } = memory;
  return (settings.pollMs * shareOf(memory)) / nodes.length;
}

/** Among how many standbys the looking is shared. */
function shareOf({ contenders }: Memory): number {
  return Math.min(LONGEST_POLLS, Math.max(1, contenders - 1));
}

/**
 * Looks at one lock node, the one that was asked longest ago. The sockets of a process that dies
 * close everywhere at about the same time, so any of them can tell; looking at all of them at once
 * would take as many looks and notice it later.
 *
 * Where all was well a moment ago it is a glance: one plain command that counts who listens to the
 * holder's channel, a fifth of the server's work for a probe. What else there is to know, a probe
 * finds in time: heartbeats come less often.
 */
export function lookAtOne(memory: Memory, stage: StandingBy, at: Moment): Step {
  let node: number | undefined;
  memory.nodes.forEach((view, i) => {
    const oldest = node === undefined ? undefined : memory.nodes[node];
    if (view.probing || view.glancing) return;
    if (!oldest || view.askedAtMs < oldest.askedAtMs) node = i;
  });
  const waiting: StandingBy = { ...stage, pollDueMs: nextPollMs(memory, at) };
  const view = node === undefined ? undefined : memory.nodes[node];
  if (node === undefined || !view) return { state: { memory, stage: waiting }, effects: [] };
  const channel = channelToCount(view, memory, at);
  const asked: NodeView = { ...view, askedAtMs: at.nowMs };
  const effect: LeaseEffect =
    channel === undefined ? { type: 'probe', node } : { type: 'glance', node, channel };
  const looking: NodeView =
    channel === undefined ? { ...asked, probing: true } : { ...asked, glancing: true };
  const nodes = memory.nodes.map((other, i) => (i === node ? looking : other));
  return { state: { memory: { ...memory, nodes }, stage: waiting }, effects: [effect] };
}

/** The channel whose listeners say enough of this lock node; undefined where it must be probed. */
function channelToCount(
  { last, responsive, lastAtMs, quietMs }: NodeView,
  memory: Memory,
  at: Moment,
): string | undefined {
  if (!responsive || last?.standing !== 'held' || last.channel === '') return undefined;
  const { settings } = memory;
  const freshMs = FRESH_FOR_HEARTBEATS * settings.heartbeatMs * shareOf(memory);
  if (at.nowMs - lastAtMs >= Math.min(freshMs, longestLookMs(settings) / 2)) return undefined;
  if (quietMs >= ILL_AFTER_HEARTBEATS * settings.heartbeatMs) return undefined;
  return last.channel;
}
