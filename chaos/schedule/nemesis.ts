import type { Mode, OperationBody } from '@understudy/history';
import { type Clock, type Prng, sleep, type Timers, unreachable } from '@understudy/runtime';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import type { Fleet, FleetNode } from '../drivers/fleet.ts';
import type { UndoJournal } from '../drivers/undo-journal.ts';
import { faults } from '../faults/index.ts';
import { fleetHealth } from '../runner/health.ts';
import type { Progress } from '../runner/progress.ts';
import type { PlannedStep } from './step.ts';
import { type Candidate, leaderOf, type Resolved, resolveTarget } from './targets.ts';

/** What the nemesis works with. */
export interface NemesisOptions {
  steps: readonly PlannedStep[];
  fleet: Fleet;
  mode: Mode;
  progress: Progress;
  record(operation: OperationBody): void;
  journal: UndoJournal;
  /** Picks among the nodes a role allows. */
  prng: Prng;
  /** Ends everything at once; what is broken then stays broken, and the caller ends it. */
  signal: AbortSignal;
  clock: Clock;
  timers: Timers;
}

/** How long a step that is due waits for somebody to hit and for work to interrupt. */
const TARGET_LIMIT_MS = 10_000;
/** A node that works through a queue without a pause has a job in hand long before. */
const IN_FLIGHT_LIMIT_MS = 250;
/** Longer than any run: the wait ends by the run's end. */
const FOR_EVER_MS = 24 * 3_600_000;

/**
 * Carries out a plan: waits for each step's moment, finds its target, injects the fault, looks for
 * evidence, and heals it in time. Steps run side by side; a node is in the hands of one at a time.
 */
export class Nemesis {
  /** Resolves when each step has been healed or will never fire. */
  readonly done: Promise<void>;
  /** Monotonic time at which a paused process was last woken; it may be a zombie since. */
  lastWakeMs: number | undefined;
  /** Monotonic time of the last heal of any fault; undefined before the first. */
  lastHealMs: number | undefined;
  /** What could not be healed. */
  readonly unhealed: string[] = [];
  readonly #options: NemesisOptions;
  readonly #startMs: number;
  readonly #giveUp = new AbortController();
  readonly #busy = new Set<string>();
  #hits = 0;

  /** Time begins to count for `at` steps when the nemesis is made. */
  constructor(options: NemesisOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
    this.done = Promise.all(options.steps.map((step) => this.#run(step))).then(() => undefined);
  }

  /** How many faults are in force. */
  get inForce(): number {
    return this.#hits;
  }

  /** Steps that have not fired by now never will; they are recorded as refused. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  async #run(step: PlannedStep): Promise<void> {
    await this.#moment(step);
    const target = await this.#target(step);
    if (this.#options.signal.aborted) return;
    if (!target) {
      const evidence = this.#giveUp.signal.aborted
        ? 'it never fired: the work was over before it was due'
        : `it never fired: nobody to hit, or no work to interrupt, for ${TARGET_LIMIT_MS / 1000} s`;
      this.#record(step, { name: step.target }, 'refused', { evidence });
      return;
    }
    const node = this.#options.fleet.nodes.find(({ name }) => name === target.name) as FleetNode;
    this.#hits += 1;
    try {
      await this.#hit(step, target, node);
    } finally {
      this.#hits -= 1;
      this.#busy.delete(target.name);
      this.#options.progress.nudge();
    }
  }

  async #hit(step: PlannedStep, target: Resolved, node: FleetNode): Promise<void> {
    const { journal, progress, signal, timers, clock } = this.#options;
    const fault = faults[step.fault];
    const { process } = node;
    const faulty: FaultyNode = asFaulty(node);
    const incarnation = { incarnation: process.incarnation };
    journal.note({
      kind: 'fault',
      id: step.id,
      what: `${step.fault} ${node.name}`,
      pid: process.pid,
      startTime: process.startTime,
      undo: fault.undo,
    });
    await this.#inFlight(node);
    // Counted now, because the signal is sent now; the evidence comes a little later.
    const unfinished = progress.unfinished.size;
    this.#record(step, target, 'inject', incarnation);
    const { seen, evidence } = await fault.inject(faulty, step.parameters);
    this.#record(step, target, seen ? 'landed' : 'refused', {
      ...incarnation,
      evidence,
      ...(seen ? { unfinished } : {}),
    });
    await sleep(timers, fault.durationMs(step.parameters), signal);
    if (signal.aborted) return;
    this.#record(step, target, 'heal', {});
    const healed = await fault.heal(faulty, step.parameters);
    this.lastHealMs = clock.monotonicMs();
    if (step.fault === 'pause') this.lastWakeMs = this.lastHealMs;
    if (signal.aborted) return;
    if (healed.seen) {
      const now = { incarnation: node.process.incarnation, evidence: healed.evidence };
      this.#record(step, target, 'healed', now);
    } else {
      this.unhealed.push(`${step.id} (${step.fault} ${node.name}): ${healed.evidence}`);
    }
  }

  /** Waits until the step's trigger says so, or nothing will come of it any more. */
  async #moment({ trigger }: PlannedStep): Promise<void> {
    const { clock, timers, progress, mode } = this.#options;
    const signal = this.#over();
    const until = (condition: () => boolean): Promise<boolean> =>
      progress.until(condition, { limitMs: FOR_EVER_MS, signal });
    switch (trigger.kind) {
      case 'at':
        await sleep(timers, this.#startMs + trigger.atMs - clock.monotonicMs(), signal);
        return;
      case 'after-effects':
        await until(() => progress.effects >= trigger.count);
        return;
      case 'when':
        await until(() => {
          const candidates = this.#candidates();
          if (trigger.condition === 'leader') return leaderOf(candidates, mode) !== undefined;
          return fleetHealth(
            candidates.map(({ name, free, state }) => ({ name, up: free, state })),
            mode,
          ).healthy;
        });
        await sleep(timers, trigger.afterMs ?? 0, signal);
        return;
      default:
        unreachable(trigger);
    }
  }

  /** Waits for a target while jobs are unfinished, and takes hold of it. */
  async #target(step: PlannedStep): Promise<Resolved | undefined> {
    const { progress, mode, prng } = this.#options;
    let found: Resolved | undefined;
    const look = (): boolean => {
      if (found) return true;
      if (progress.unfinished.size === 0) return false;
      // A fork draws the same each time: what is picked depends on the nodes, not on the looks.
      found = resolveTarget(step.target, this.#candidates(), mode, prng.fork(step.id));
      if (found) this.#busy.add(found.name);
      return found !== undefined;
    };
    const signal = this.#over();
    if (signal.aborted) return undefined;
    await progress.until(look, { limitMs: TARGET_LIMIT_MS, signal });
    return found;
  }

  /**
   * Waits a moment until the node has a job in hand, if it is one that works and says so: a fault
   * between two jobs would find nothing to lose or to repeat.
   */
  async #inFlight({ name }: FleetNode): Promise<void> {
    const { progress, signal } = this.#options;
    const { state, attempts } = progress.nodeView(name);
    if (attempts === 0 || state === 'passive') return;
    const busy = (): boolean => progress.nodeView(name).inFlight > 0;
    await progress.until(busy, { limitMs: IN_FLIGHT_LIMIT_MS, signal });
  }

  #candidates(): Candidate[] {
    const { fleet, progress } = this.#options;
    return fleet.nodes.map(({ name, up }) => ({
      name,
      free: up && !this.#busy.has(name),
      ...progress.nodeView(name),
    }));
  }

  #over(): AbortSignal {
    return AbortSignal.any([this.#options.signal, this.#giveUp.signal]);
  }

  #record(
    step: PlannedStep,
    target: Resolved,
    phase: 'inject' | 'landed' | 'heal' | 'healed' | 'refused',
    more: { incarnation?: string; evidence?: string; unfinished?: number },
  ): void {
    this.#options.record({
      op: 'fault',
      type: 'info',
      process: 'nemesis',
      id: step.id,
      fault: step.fault,
      target: target.name,
      requested: step.target,
      phase,
      ...(target.role === undefined ? {} : { role: target.role }),
      ...more,
    });
  }
}

/** The node's present process, and how a new one takes its place. */
function asFaulty(node: FleetNode): FaultyNode {
  const { process } = node;
  return {
    pid: process.pid,
    signal: (name) => process.signal(name),
    exitWithin: (limitMs) => process.exitWithin(limitMs),
    statesWithin: (limitMs, stopped) => process.statesWithin(limitMs, stopped),
    restart: () => node.restart(),
  };
}
