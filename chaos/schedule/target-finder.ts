import type { Mode } from '@understudy/history';
import type { Prng } from '@understudy/runtime';
import type { AnyFault } from '../faults/index.ts';
import type { Progress } from '../runner/progress.ts';
import type { Arena } from './arena.ts';
import { Holds } from './holds.ts';
import { isNodeName, isRedisTarget, type NodeTarget, type PlannedStep } from './step.ts';
import { type Candidate, type Resolved, resolveTarget } from './targets.ts';

/** What targets are found among. */
export interface TargetFinderOptions {
  readonly arena: Arena;
  readonly mode: Mode;
  readonly progress: Progress;
  /** Picks among the nodes a role allows. */
  readonly prng: Prng;
}

/** How long a step that is due waits for somebody to hit and for work to interrupt. */
export const TARGET_LIMIT_MS = 10_000;
/** A node that works through a queue without a pause has a job in hand long before. */
const IN_FLIGHT_LIMIT_MS = 250;

/** Finds whom a step hits, and knows who is in whose hands. */
export class TargetFinder {
  readonly #options: TargetFinderOptions;
  readonly #holds = new Holds();
  /** The targets that steps were found to hit, by step. */
  readonly #hit = new Map<string, string>();
  /** Those among the steps that have not let go. */
  readonly #holders = new Map<string, PlannedStep>();

  constructor(options: TargetFinderOptions) {
    this.#options = options;
  }

  /** Waits for a target while jobs are unfinished, and takes hold of it. */
  async find(
    step: PlannedStep,
    { place }: AnyFault,
    signal: AbortSignal,
  ): Promise<Resolved | undefined> {
    const { progress } = this.#options;
    let found: Resolved | undefined;
    const look = (): boolean => {
      if (found) return true;
      if (progress.unfinished.size === 0) return false;
      found = this.#resolve(step, place);
      if (found) this.#take(step, found.name, place);
      return found !== undefined;
    };
    if (signal.aborted) return undefined;
    await progress.until(look, { limitMs: TARGET_LIMIT_MS, signal });
    return found;
  }

  /** The step is through with its target. */
  letGo(step: PlannedStep, target: string, { place }: AnyFault): void {
    this.#holders.delete(step.id);
    this.#holds.letGo(target, place);
    this.#options.progress.nudge();
  }

  /** The step that acts on this target at this place now. */
  holderOf(target: string, { place }: AnyFault): PlannedStep | undefined {
    if (!this.#holds.at(target, place)) return undefined;
    return [...this.#holders.values()].find(({ id }) => this.#hit.get(id) === target);
  }

  /** The nodes as they are now. */
  candidates(): Candidate[] {
    const { arena, progress } = this.#options;
    const leader = arena.leaderTold?.();
    return arena.nodes.map(({ name, up }) => ({
      name,
      up,
      free: up && !this.#holds.any(name),
      ...(arena.leaderTold ? { leads: name === leader } : {}),
      ...progress.nodeView(name),
    }));
  }

  /** Why nobody is found at the moment, in words. */
  whyNobody({ target }: PlannedStep): string {
    if (this.#options.progress.unfinished.size === 0) return 'there is no work to interrupt';
    const states = this.candidates().map(({ name, free, state = 'silent' }) =>
      free ? `${name} is ${state}` : `${name} (${state}) is down, or in the hands of a fault`,
    );
    return `there is no ${target} to hit at the moment: ${states.join(', ')}`;
  }

  /**
   * Waits a moment until the node has a job in hand, if it is one that works and says so: a fault
   * between two jobs would find nothing to lose or to repeat.
   */
  async inFlight(name: string, signal: AbortSignal): Promise<void> {
    const { progress } = this.#options;
    const { state, attempts } = progress.nodeView(name);
    if (attempts === 0 || state === 'passive') return;
    const busy = (): boolean => progress.nodeView(name).inFlight > 0;
    await progress.until(busy, { limitMs: IN_FLIGHT_LIMIT_MS, signal });
  }

  #take(step: PlannedStep, target: string, place: AnyFault['place']): void {
    this.#holds.take(target, place);
    this.#hit.set(step.id, target);
    this.#holders.set(step.id, step);
  }

  #resolve(step: PlannedStep, place: AnyFault['place']): Resolved | undefined {
    const { mode, prng } = this.#options;
    if (isRedisTarget(step.target)) {
      return this.#holds.at(step.target, 'redis') ? undefined : { name: step.target };
    }
    const asked = step.target === 'same' ? this.#hit.get(step.previous?.[0] ?? '') : step.target;
    if (asked === undefined) return undefined;
    const byName = isNodeName(asked);
    const candidates = this.candidates().map((node) =>
      byName ? { ...node, free: node.up && !this.#holds.at(node.name, place) } : node,
    );
    // A fork draws the same each time: what is picked depends on the nodes, not on the looks.
    const role = asked as Exclude<NodeTarget, 'all' | 'same'>;
    return resolveTarget(role, candidates, mode, prng.fork(step.id));
  }
}
