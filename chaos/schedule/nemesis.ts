import type { Mode, OperationBody } from '@understudy/history';
import { type Clock, type Prng, sleep, type Timers } from '@understudy/runtime';
import type { UndoJournal } from '../drivers/undo-journal.ts';
import type { AnyFault } from '../faults/index.ts';
import type { Progress } from '../runner/progress.ts';
import { aim, type Arena, type Strike } from './arena.ts';
import { faultOf } from './compile.ts';
import { Holds } from './holds.ts';
import { type StepPhase, untilMoment } from './moment.ts';
import { isNodeName, isRedisTarget, type NodeTarget, type PlannedStep } from './step.ts';
import { type Candidate, type Resolved, resolveTarget, roleOf } from './targets.ts';

/** What the nemesis works with. */
export interface NemesisOptions {
  steps: readonly PlannedStep[];
  arena: Arena;
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

/**
 * Carries out a plan: waits for each step's moment, finds its target, injects the fault, looks for
 * evidence, and heals it in time. Steps run side by side; a target is in the hands of one at a
 * time, except that its process and its link may be hit at once.
 */
export class Nemesis {
  /** Resolves when each step has been healed or will never fire. */
  readonly done: Promise<void>;
  /** Monotonic time since which a node may go on as a zombie; undefined when none can. */
  lastWakeMs: number | undefined;
  /** Monotonic time of the last heal of any fault; undefined before the first. */
  lastHealMs: number | undefined;
  /** What could not be healed. */
  readonly unhealed: string[] = [];
  readonly #options: NemesisOptions;
  readonly #startMs: number;
  readonly #giveUp = new AbortController();
  readonly #holds = new Holds();
  readonly #phases = new Map<string, StepPhase>();
  /** The targets that steps were found to hit, by step. */
  readonly #hit = new Map<string, string>();
  #inForce = 0;

  /** Time begins to count for `at` steps when the nemesis is made. */
  constructor(options: NemesisOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
    this.done = Promise.all(options.steps.map((step) => this.#run(step))).then(() => undefined);
  }

  /** How many faults are in force. */
  get inForce(): number {
    return this.#inForce;
  }

  /** Steps that have not fired by now never will; they are recorded as refused. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  async #run(step: PlannedStep): Promise<void> {
    const fault = faultOf(step);
    const fires = await this.#moment(step);
    const target = fires ? await this.#target(step, fault) : undefined;
    if (this.#options.signal.aborted) return;
    if (!target) return this.#refuse(step, { name: step.target }, this.#whyNot(step, fires));
    this.#hit.set(step.id, target.name);
    try {
      const strike = aim(fault, target.name, step.parameters, this.#options.arena);
      if (strike) await this.#strike(step, fault, target, strike);
      else this.#refuse(step, target, `the lab cannot reach the ${fault.place} of ${target.name}`);
    } finally {
      this.#holds.letGo(target.name, fault.place);
      this.#options.progress.nudge();
    }
  }

  /** Waits for the target's own moment where the fault knows one, then carries it out. */
  async #strike(
    step: PlannedStep,
    fault: AnyFault,
    target: Resolved,
    strike: Strike,
  ): Promise<void> {
    const { journal, mode, signal } = this.#options;
    const { pid, startTime } = strike;
    const what = `${step.fault} ${target.name}`;
    journal.note({ kind: 'fault', id: step.id, what, pid, startTime, undo: fault.undo });
    let [hit, job] = [target, undefined as string | undefined];
    if (strike.lieInWait) {
      const ambush = await strike.lieInWait(this.#over());
      if (signal.aborted) return;
      if (!ambush.seen) return this.#refuse(step, target, ambush.evidence);
      // It may have come to lead, or ceased to, in the meantime.
      hit = { name: target.name, ...roleOf(target.name, this.#candidates(), mode) };
      job = ambush.job;
    } else if (fault.place !== 'redis') await this.#inFlight(target.name);
    this.#inForce += 1;
    try {
      await this.#carryOut(step, fault, hit, strike, job);
    } finally {
      this.#inForce -= 1;
    }
  }

  async #carryOut(
    step: PlannedStep,
    fault: AnyFault,
    target: Resolved,
    strike: Strike,
    job: string | undefined,
  ): Promise<void> {
    const { progress, signal, timers, clock } = this.#options;
    const what = `${step.fault} ${target.name}`;
    const incarnation = this.#incarnationOf(target.name);
    // Counted now, because the signal is sent now; the evidence comes a little later. A job that the
    // node is in the middle of counts also when its effect is seen already.
    const inHand = job !== undefined && !progress.unfinished.has(job) ? 1 : 0;
    const unfinished = progress.unfinished.size + inHand;
    this.#record(step, target, 'inject', incarnation);
    const { seen, evidence, untouched } = await strike.inject();
    const proof = { ...incarnation, evidence, ...(seen ? { unfinished } : {}) };
    this.#record(step, target, seen ? 'landed' : 'refused', proof);
    this.#reach(step, seen ? 'landed' : 'failed');
    if (untouched) return;
    await sleep(timers, fault.durationMs(step.parameters), signal);
    if (signal.aborted) return;
    this.#record(step, target, 'heal', {});
    const healed = await strike.heal();
    this.lastHealMs = clock.monotonicMs();
    if (fault.leavesZombies) this.lastWakeMs = this.lastHealMs;
    if (signal.aborted) return;
    if (healed.seen) {
      const now = { ...this.#incarnationOf(target.name), evidence: healed.evidence };
      this.#record(step, target, 'healed', now);
    } else {
      this.unhealed.push(`${step.id} (${what}): ${healed.evidence}`);
    }
    if (seen) this.#reach(step, 'healed');
  }

  #moment(step: PlannedStep): Promise<boolean> {
    const { mode, progress, clock, timers } = this.#options;
    return untilMoment(step, {
      mode,
      progress,
      startMs: this.#startMs,
      signal: this.#over(),
      clock,
      timers,
      candidates: () => this.#candidates(),
      phaseOf: (id) => this.#phases.get(id) ?? 'waiting',
    });
  }

  /** Waits for a target while jobs are unfinished, and takes hold of it. */
  async #target(step: PlannedStep, fault: AnyFault): Promise<Resolved | undefined> {
    const { progress } = this.#options;
    let found: Resolved | undefined;
    const look = (): boolean => {
      if (found) return true;
      if (progress.unfinished.size === 0) return false;
      found = this.#resolve(step, fault);
      if (found) this.#holds.take(found.name, fault.place);
      return found !== undefined;
    };
    const signal = this.#over();
    if (signal.aborted) return undefined;
    await progress.until(look, { limitMs: TARGET_LIMIT_MS, signal });
    return found;
  }

  #resolve(step: PlannedStep, fault: AnyFault): Resolved | undefined {
    const { mode, prng } = this.#options;
    if (isRedisTarget(step.target)) {
      return this.#holds.at(step.target, 'redis') ? undefined : { name: step.target };
    }
    const asked = step.target === 'same' ? this.#hit.get(step.previous?.[0] ?? '') : step.target;
    if (asked === undefined) return undefined;
    const byName = isNodeName(asked);
    const candidates = this.#candidates().map((node) =>
      byName ? { ...node, free: node.up && !this.#holds.at(node.name, fault.place) } : node,
    );
    // A fork draws the same each time: what is picked depends on the nodes, not on the looks.
    const role = asked as Exclude<NodeTarget, 'all' | 'same'>;
    return resolveTarget(role, candidates, mode, prng.fork(step.id));
  }

  /**
   * Waits a moment until the node has a job in hand, if it is one that works and says so: a fault
   * between two jobs would find nothing to lose or to repeat.
   */
  async #inFlight(name: string): Promise<void> {
    const { progress, signal } = this.#options;
    const { state, attempts } = progress.nodeView(name);
    if (attempts === 0 || state === 'passive') return;
    const busy = (): boolean => progress.nodeView(name).inFlight > 0;
    await progress.until(busy, { limitMs: IN_FLIGHT_LIMIT_MS, signal });
  }

  #candidates(): Candidate[] {
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

  #incarnationOf(target: string): { incarnation?: string } {
    const node = this.#options.arena.nodes.find(({ name }) => name === target);
    return node ? { incarnation: node.process.incarnation } : {};
  }

  #over(): AbortSignal {
    return AbortSignal.any([this.#options.signal, this.#giveUp.signal]);
  }

  #whyNot(step: PlannedStep, fires: boolean): string {
    if (!fires) return `it never fired: ${(step.previous ?? []).join(' or ')} came to nothing`;
    return this.#giveUp.signal.aborted
      ? 'it never fired: the work was over before it was due'
      : `it never fired: nobody to hit, or no work to interrupt, for ${TARGET_LIMIT_MS / 1000} s`;
  }

  #refuse(step: PlannedStep, target: Resolved, evidence: string): void {
    this.#record(step, target, 'refused', { evidence });
    this.#reach(step, 'failed');
  }

  #reach(step: PlannedStep, phase: StepPhase): void {
    this.#phases.set(step.id, phase);
    this.#options.progress.nudge();
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
