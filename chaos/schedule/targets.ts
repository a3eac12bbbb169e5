import type { Mode } from '@understudy/history';
import { type Prng, unreachable } from '@understudy/runtime';
import type { NodeTarget } from './step.ts';

/** A node as the nemesis sees it at the moment a step fires. */
export interface Candidate {
  readonly name: string;
  /** Runs and is ready. It may be paused all the same. */
  readonly up: boolean;
  /** Up, and no fault has it in its hands. */
  readonly free: boolean;
  /** What it last said of itself. */
  readonly state: string | undefined;
  readonly epoch: number;
  /** Attempts it reported whose jobs have no effect yet. */
  readonly inFlight: number;
}

/** Whom to hit. */
export interface Resolved {
  readonly name: string;
  /** What a node is to the fleet: `leader`, `standby`, `most attempts in flight`. */
  readonly role?: string;
}

/** What a role means where nobody leads. */
export const BUSIEST = 'most attempts in flight';

/**
 * Resolves a target among the nodes as they are now; undefined when none fits yet. A node that is
 * dead, paused or about to be is never chosen.
 */
export function resolveTarget(
  target: Exclude<NodeTarget, 'all' | 'same'>,
  candidates: readonly Candidate[],
  mode: Mode,
  prng: Prng,
): Resolved | undefined {
  const free = candidates.filter((candidate) => candidate.free);
  const leader = leaderOf(candidates, mode);
  if (target === 'leader') return leader;
  const fitting = free.filter(({ name }) => {
    if (target === 'any') return true;
    return target === 'standby' ? name !== leader?.name : name === target;
  });
  if (fitting.length === 0) return undefined;
  const { name } = prng.pick(fitting);
  if (mode !== 'active-passive') return { name };
  return { name, role: name === leader?.name ? 'leader' : 'standby' };
}

/** Who leads and can be hit; where nobody leads, the free node with most attempts in flight. */
export function leaderOf(candidates: readonly Candidate[], mode: Mode): Resolved | undefined {
  switch (mode) {
    case 'active-passive': {
      const active = candidates.filter(({ state }) => state === 'active');
      const leader = highest(active, ({ epoch }) => epoch);
      // A paused leader is nobody to hit, and its successor is not there yet.
      return leader?.free ? { name: leader.name, role: 'leader' } : undefined;
    }
    case 'active-active':
    case 'uncoordinated': {
      const busiest = highest(
        candidates.filter(({ free }) => free),
        ({ inFlight }) => inFlight,
      );
      return busiest && { name: busiest.name, role: BUSIEST };
    }
    default:
      return unreachable(mode);
  }
}

/** What a node is to the fleet at this moment, whoever has it in hands; nothing where nobody leads. */
export function roleOf(
  name: string,
  candidates: readonly Candidate[],
  mode: Mode,
): { readonly role?: string } {
  if (mode !== 'active-passive') return {};
  const active = candidates.filter(({ state }) => state === 'active');
  const leader = highest(active, ({ epoch }) => epoch);
  return { role: name === leader?.name ? 'leader' : 'standby' };
}

/** The first of those with the highest measure. */
function highest<T>(items: readonly T[], measure: (item: T) => number): T | undefined {
  let best: T | undefined;
  for (const item of items) if (!best || measure(item) > measure(best)) best = item;
  return best;
}
