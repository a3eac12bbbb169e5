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
  /** Whether it has ever said what it is, in any of its incarnations. */
  readonly speaks: boolean;
  readonly epoch: number;
  /** Attempts it reported whose jobs have no effect yet. */
  readonly inFlight: number;
  /** How many attempts it ever reported. */
  readonly attempts: number;
  /** Which effect of the run, counted from 1, was its last; 0 while none was seen. */
  readonly lastEffect: number;
  /** Whether it leads, where the system under test itself says who does. */
  readonly leads?: boolean | undefined;
}

/** Whom to hit. */
export interface Resolved {
  readonly name: string;
  /** What a node is to the fleet: `leader`, `standby`, `most attempts in flight`. */
  readonly role?: string;
}

/** What a role means where nobody leads. */
export const BUSIEST = 'most attempts in flight';
/** The same where no node says what it attempts. */
export const LATEST = 'the last seen to take effect';
/** The same where no node has done anything yet that could be seen. */
export const UNTOLD = 'any: none says what it does';

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
  return { name, ...roleOf(name, candidates, mode) };
}

/**
 * Who leads and can be hit; where nobody leads, or none says who does, the free node that is seen to
 * work most.
 */
export function leaderOf(candidates: readonly Candidate[], mode: Mode): Resolved | undefined {
  if (candidates.some(({ leads }) => leads !== undefined)) {
    const told = candidates.find(({ leads, free }) => leads && free);
    return told && { name: told.name, role: 'leader' };
  }
  if (!knowsLeader(candidates, mode)) return busiestOf(candidates);
  switch (mode) {
    case 'active-passive': {
      const active = candidates.filter(({ state }) => state === 'active');
      const leader = highest(active, ({ epoch }) => epoch);
      // A paused leader is nobody to hit, and its successor is not there yet.
      return leader?.free ? { name: leader.name, role: 'leader' } : undefined;
    }
    case 'active-active':
    case 'uncoordinated':
      return busiestOf(candidates);
    default:
      return unreachable(mode);
  }
}

/**
 * In active-passive one leads. Who, is not known where nodes work and none has ever said what it is; until
 * one is seen to work nobody can be taken for the leader.
 */
function knowsLeader(candidates: readonly Candidate[], mode: Mode): boolean {
  if (mode !== 'active-passive' || candidates.some(({ speaks }) => speaks)) return true;
  return candidates.every(({ attempts, lastEffect }) => attempts === 0 && lastEffect === 0);
}

/** The free node that works most, as far as attempts are reported or effects name their node. */
function busiestOf(candidates: readonly Candidate[]): Resolved | undefined {
  const free = candidates.filter((candidate) => candidate.free);
  const busiest = highest(free, ({ inFlight }) => inFlight);
  if (!busiest) return undefined;
  if (candidates.some(({ attempts }) => attempts > 0)) return { name: busiest.name, role: BUSIEST };
  const latest = highest(free, ({ lastEffect }) => lastEffect);
  if (latest && latest.lastEffect > 0) return { name: latest.name, role: LATEST };
  return { name: busiest.name, role: UNTOLD };
}

/** What a node is to the fleet at this moment, whoever has it in hands; nothing where nobody leads. */
export function roleOf(
  name: string,
  candidates: readonly Candidate[],
  mode: Mode,
): { readonly role?: string } {
  if (candidates.some(({ leads }) => leads !== undefined)) {
    const leads = candidates.some((candidate) => candidate.leads && candidate.name === name);
    return { role: leads ? 'leader' : 'standby' };
  }
  if (mode !== 'active-passive' || !knowsLeader(candidates, mode)) return {};
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
