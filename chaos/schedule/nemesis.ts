import type { OperationBody } from '@understudy/history';
import { type Clock, sleep, type Timers } from '@understudy/runtime';
import type { UndoJournal } from '../drivers/undo-journal.ts';
import { FaultNotPossible } from '../errors.ts';
import type { AnyFault } from '../faults/index.ts';
import { aim, type Strike } from './arena.ts';
import { faultOf } from './compile.ts';
import type { HandRequest } from './hand-request.ts';
import { type StepPhase, untilMoment } from './moment.ts';
import type { PlannedStep } from './step.ts';
import { TARGET_LIMIT_MS, TargetFinder, type TargetFinderOptions } from './target-finder.ts';
import { type Resolved, roleOf } from './targets.ts';

/** What the nemesis works with. */
export interface NemesisOptions extends TargetFinderOptions {
  steps: readonly PlannedStep[];
  record(operation: OperationBody): void;
  journal: UndoJournal;
  /** Ends everything at once; what is broken then stays broken, and the caller ends it. */
  signal: AbortSignal;
  clock: Clock;
  timers: Timers;
}

const OVER = 'the work of the run is over, or the run is being ended: nothing is hit any more';

/**
 * Carries out a plan: waits for each step's moment, finds its target, injects the fault, looks for
 * evidence, and heals it in time. Steps run side by side; a target is in the hands of one at a
 * time, except that its process and its link may be hit at once.
 */
export class Nemesis {
  /** Monotonic time since which a node may go on as a zombie; undefined when none can. */
  lastWakeMs: number | undefined;
  /** Monotonic time of the last heal of any fault; undefined before the first. */
  lastHealMs: number | undefined;
  /** What could not be healed. */
  readonly unhealed: string[] = [];
  readonly #options: NemesisOptions;
  readonly #startMs: number;
  readonly #giveUp = new AbortController();
  readonly #finder: TargetFinder;
  readonly #phases = new Map<string, StepPhase>();
  /** One entry a step, and one a fault by hand: it settles when nothing more comes of it. */
  readonly #work: Promise<void>[];
  #inForce = 0;
  #byHand = 0;

  /** Time begins to count for `at` steps when the nemesis is made. */
  constructor(options: NemesisOptions) {
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
    this.#finder = new TargetFinder(options);
    this.#work = options.steps.map((step) => this.#run(step));
  }

  /** Resolves when each step, and each fault by hand so far, has been healed or will never fire. */
  get done(): Promise<void> {
    return this.#settled();
  }

  /** How many faults are in force. */
  get inForce(): number {
    return this.#inForce;
  }

  /** Steps that have not fired by now never will; they are recorded as refused. */
  giveUp(): void {
    this.#giveUp.abort();
  }

  /**
   * Injects a fault that somebody asks for meanwhile, beside the steps of the plan, and heals it when
   * its time is over or nobody wants it any more.
   * @throws {FaultNotPossible} when nobody was hit: nothing was done then, and the history says nothing
   */
  byHand(request: HandRequest): Promise<void> {
    this.#byHand += 1;
    const work = this.#runByHand({ ...request.step, id: `h${this.#byHand}` }, request);
    const hit = work.catch((error: unknown) => {
      if (!(error instanceof FaultNotPossible)) throw error;
    });
    // Whoever waits for `done` hears of what went wrong; until then nobody may.
    hit.catch(() => undefined);
    this.#work.push(hit);
    return work;
  }

  async #settled(): Promise<void> {
    for (let seen = -1; seen < this.#work.length;) {
      seen = this.#work.length;
      await Promise.all(this.#work);
    }
  }

  async #run(step: PlannedStep): Promise<void> {
    const fault = faultOf(step);
    const fires = await this.#moment(step);
    const target = fires ? await this.#finder.find(step, fault, this.#over()) : undefined;
    if (this.#options.signal.aborted) return;
    if (!target) return this.#refuse(step, { name: step.target }, this.#whyNot(step, fires));
    const refusal = await this.#hitTarget(step, fault, target);
    if (refusal !== undefined) this.#refuse(step, target, refusal);
  }

  async #runByHand(step: PlannedStep, request: HandRequest): Promise<void> {
    const fault = faultOf(step);
    const over = this.#over();
    if (over.aborted) throw new FaultNotPossible(OVER);
    const holder = this.#finder.holderOf(step.target, fault);
    if (holder) {
      const { id, fault: other } = holder;
      throw new FaultNotPossible(
        `${step.target} is in the hands of another fault (${id}, ${other}): the two exclude each other. Wait until it is healed, or hit another target.`,
      );
    }
    const target = await this.#finder.find(step, fault, this.#over(request));
    if (over.aborted) throw new FaultNotPossible(OVER);
    if (!target) throw new FaultNotPossible(this.#finder.whyNobody(step));
    const refusal = await this.#hitTarget(step, fault, target, request);
    if (refusal !== undefined) throw new FaultNotPossible(refusal);
  }

  /** Returns why the target was not hit after all; undefined when it was, or the run is over. */
  async #hitTarget(
    step: PlannedStep,
    fault: AnyFault,
    target: Resolved,
    request?: HandRequest,
  ): Promise<string | undefined> {
    try {
      const strike = aim(fault, target.name, step.parameters, this.#options.arena);
      if (!strike) return `the lab cannot reach the ${fault.place} of ${target.name}`;
      return await this.#strike(step, fault, target, strike, request);
    } finally {
      this.#finder.letGo(step, target.name, fault);
    }
  }

  /** Waits for the target's own moment where the fault knows one, then carries it out. */
  async #strike(
    step: PlannedStep,
    fault: AnyFault,
    target: Resolved,
    strike: Strike,
    request: HandRequest | undefined,
  ): Promise<string | undefined> {
    const { journal, mode, signal } = this.#options;
    const { pid, startTime } = strike;
    const what = `${step.fault} ${target.name}`;
    journal.note({ kind: 'fault', id: step.id, what, pid, startTime, undo: fault.undo });
    let [hit, job] = [target, undefined as string | undefined];
    if (strike.lieInWait) {
      const ambush = await strike.lieInWait(this.#over(request));
      if (signal.aborted) return undefined;
      if (!ambush.seen) return ambush.evidence;
      // It may have come to lead, or ceased to, in the meantime.
      hit = { name: target.name, ...roleOf(target.name, this.#finder.candidates(), mode) };
      job = ambush.job;
    } else if (fault.place !== 'redis') await this.#finder.inFlight(target.name, signal);
    this.#inForce += 1;
    try {
      await this.#carryOut(step, fault, hit, strike, job, request);
      return undefined;
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
    request: HandRequest | undefined,
  ): Promise<void> {
    const { progress, signal, timers, clock } = this.#options;
    const what = `${step.fault} ${target.name}`;
    const incarnation = this.#incarnationOf(target.name);
    // Counted now, because the signal is sent now; the evidence comes a little later. A job that the
    // node is in the middle of counts also when its effect is seen already.
    const inHand = job !== undefined && !progress.unfinished.has(job) ? 1 : 0;
    const unfinished = progress.unfinished.size + inHand;
    this.#record(step, target, 'inject', incarnation);
    const injectedMs = clock.monotonicMs();
    const { seen, evidence, untouched } = await strike.inject();
    const proof = { ...incarnation, evidence, ...(seen ? { unfinished } : {}) };
    this.#record(step, target, seen ? 'landed' : 'refused', proof);
    this.#reach(step, seen ? 'landed' : 'failed');
    const lastsMs = fault.durationMs(step.parameters);
    const afterMs = clock.monotonicMs() - injectedMs;
    request?.onLanded({ ...target, id: step.id, seen, evidence, afterMs, lastsMs });
    if (untouched) return;
    await sleep(timers, lastsMs, request ? AbortSignal.any([signal, request.signal]) : signal);
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
    request?.onHealed(healed);
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
      candidates: () => this.#finder.candidates(),
      phaseOf: (id) => this.#phases.get(id) ?? 'waiting',
    });
  }

  #incarnationOf(target: string): { incarnation?: string } {
    const node = this.#options.arena.nodes.find(({ name }) => name === target);
    return node ? { incarnation: node.process.incarnation } : {};
  }

  #over(request?: HandRequest): AbortSignal {
    const own = [this.#options.signal, this.#giveUp.signal];
    return AbortSignal.any(request ? [...own, request.signal] : own);
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
