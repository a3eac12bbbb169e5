import type { Operation } from '@understudy/history';
import { sleep, type Timers } from '@understudy/runtime';

/** What a node last said of itself, and what it has in hand. */
export interface NodeView {
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
}

interface MutableNodeView {
  state: string | undefined;
  speaks: boolean;
  epoch: number;
  readonly inFlight: Set<string>;
  attempts: number;
  lastEffect: number;
}

const ACCEPTED = 1;
const EFFECTED = 2;
const PARKED = 4;

/**
 * Where the run stands, folded from its operations as they are recorded. The nemesis and the
 * runner wait on it; the verdict does not come from here.
 */
export class Progress {
  /** Entries of the effect log seen so far. */
  effects = 0;
  /** For how long the lab itself has stood still so far, in ms. */
  stalledMs = 0;
  readonly #timers: Timers;
  /** What is known of each job, as bits: a number and not three sets, because jobs are many. */
  readonly #jobs = new Map<string, number>();
  #accepted = 0;
  readonly #unfinished = new Set<string>();
  readonly #nodes = new Map<string, MutableNodeView>();
  readonly #waiters = new Set<() => void>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** Acknowledged jobs that have neither taken effect nor been parked. */
  get unfinished(): ReadonlySet<string> {
    return this.#unfinished;
  }

  /** Jobs that nodes said they put aside, and that have no effect. */
  get parkedJobs(): readonly string[] {
    return [...this.#jobs].flatMap(([job, facts]) =>
      (facts & PARKED) !== 0 && (facts & EFFECTED) === 0 ? [job] : [],
    );
  }

  /** How many jobs were acknowledged. */
  get accepted(): number {
    return this.#accepted;
  }

  /** What is known of a node. */
  nodeView(name: string): NodeView {
    const view = this.#nodes.get(name);
    return {
      state: view?.state,
      speaks: view?.speaks ?? false,
      epoch: view?.epoch ?? 0,
      inFlight: view?.inFlight.size ?? 0,
      attempts: view?.attempts ?? 0,
      lastEffect: view?.lastEffect ?? 0,
    };
  }

  /** Takes in one operation and lets those go on whose condition holds now. */
  observe(operation: Operation): void {
    switch (operation.op) {
      case 'enqueue':
        if (operation.type === 'ok') this.#accept(operation.job);
        break;
      case 'effect':
        this.effects += 1;
        this.#note(operation.job, EFFECTED);
        this.#unfinished.delete(operation.job);
        this.#view(operation.node).lastEffect = this.effects;
        for (const view of this.#nodes.values()) view.inFlight.delete(operation.job);
        break;
      case 'attempt': {
        const view = this.#view(operation.node);
        view.attempts += 1;
        if (!this.#is(operation.job, EFFECTED)) view.inFlight.add(operation.job);
        break;
      }
      case 'stall':
        this.stalledMs += operation.durationMs;
        break;
      case 'parked':
        this.#note(operation.job, PARKED);
        this.#unfinished.delete(operation.job);
        break;
      case 'state': {
        const view = this.#view(operation.node);
        view.state = operation.state;
        view.epoch = operation.epoch ?? 0;
        // That one is down is what the lab saw.
        if (operation.state === 'down') view.inFlight.clear();
        else view.speaks = true;
        break;
      }
      default:
        break;
    }
    for (const look of [...this.#waiters]) look();
  }

  /** Lets waiters look again at what no operation tells: that a node is ready or free. */
  nudge(): void {
    for (const look of [...this.#waiters]) look();
  }

  /**
   * Waits until `condition` holds, looking after every operation. Resolves with whether it does;
   * it may not when `limitMs` are over or `signal` aborts.
   */
  async until(
    condition: () => boolean,
    { limitMs, signal }: { limitMs: number; signal?: AbortSignal | undefined },
  ): Promise<boolean> {
    if (condition()) return true;
    const done = new AbortController();
    const look = (): void => {
      if (condition()) done.abort();
    };
    this.#waiters.add(look);
    const stopped = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
    await sleep(this.#timers, limitMs, stopped);
    this.#waiters.delete(look);
    return condition();
  }

  #accept(job: string): void {
    if (!this.#is(job, ACCEPTED)) this.#accepted += 1;
    this.#note(job, ACCEPTED);
    // The effect may have been seen before the acknowledgement was.
    if (!this.#is(job, EFFECTED | PARKED)) this.#unfinished.add(job);
  }

  #note(job: string, fact: number): void {
    this.#jobs.set(job, (this.#jobs.get(job) ?? 0) | fact);
  }

  /** Whether any of `facts` is known of it. */
  #is(job: string, facts: number): boolean {
    return ((this.#jobs.get(job) ?? 0) & facts) !== 0;
  }

  #view(node: string): MutableNodeView {
    let view = this.#nodes.get(node);
    if (!view) {
      view = {
        ...{ state: undefined, speaks: false, epoch: 0 },
        ...{ inFlight: new Set(), attempts: 0, lastEffect: 0 },
      };
      this.#nodes.set(node, view);
    }
    return view;
  }
}
