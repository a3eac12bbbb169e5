import type { FencingToken, Ledger } from '@understudy/exactly-once';
import type { Lease, LeaseChange } from '@understudy/lease';
import type { FetchedJob, IncarnationPresence, Lane } from '@understudy/queue';
import { messageOf, PendingWork, unreachable } from '@understudy/runtime';
import { attemptJob, sequenceOf } from './attempt.ts';
import { type Mode, modeOf, type WorkerDefinition } from './definition.ts';
import { ModeMismatch } from './errors.ts';
import { type NodeState, stateEvent, type WorkerEvent } from './events.ts';
import { type NodeAction, type NodeInput, type NodeMachine, transition } from './node-state.ts';
import { redisParts, type WorkerParts } from './parts.ts';
import { repeat } from './periodic.ts';
import { runPool } from './pool.ts';
import type { RunningWorker, StartOptions } from './running-worker.ts';
import type { WorkerSettings } from './settings.ts';
import { type Surroundings, surroundingsOf } from './surroundings.ts';
import { forgetKeys, recoverEveryMs, recoverJobs } from './upkeep.ts';

const DEFAULT_CONCURRENCY = 10;
const MAINTENANCE_MS = 60_000;

/** Starts one node of the fleet: connects, announces itself, and works or stands by. */
export function startWorker<T>(
  definition: WorkerDefinition<T>,
  options: StartOptions,
): RunningWorker {
  // The handler gets what the queue holds: that it is a T is the enqueuer's promise.
  return new Worker(definition, options);
}

class Worker implements RunningWorker {
  readonly done: Promise<void>;
  readonly #definition: WorkerDefinition<unknown>;
  readonly #settings: WorkerSettings;
  readonly #around: Surroundings;
  readonly #parts: WorkerParts;
  readonly #report: (event: WorkerEvent) => void;
  readonly #rehearse: StartOptions['rehearse'];
  readonly #mode: Mode;
  readonly #finished = Promise.withResolvers<void>();
  /** Aborts when nothing more is fetched, whoever leads. */
  readonly #stopping = new AbortController();
  /** Aborts when this node is elected for the first time. */
  readonly #elected = new AbortController();
  /** Aborts when a drain took too long. */
  readonly #abandoned = new AbortController();
  readonly #ledger: Ledger;
  readonly #lane: Lane;
  readonly #lease: Lease | undefined;
  #presence: IncarnationPresence | undefined;
  #machine: NodeMachine;
  readonly #running = new PendingWork();
  #failure: Error | undefined;

  constructor(definition: WorkerDefinition<unknown>, options: StartOptions) {
    this.done = this.#finished.promise;
    this.#definition = definition;
    this.#settings = options.settings;
    this.#around = surroundingsOf(options, options.settings.incarnation);
    this.#parts = { ...redisParts(), ...options.parts };
    this.#report = options.report ?? (() => undefined);
    this.#rehearse = options.rehearse;
    this.#mode = modeOf(definition, options.settings);
    const led = this.#mode === 'active-passive';
    this.#machine = { state: 'starting', led, token: null };
    this.#ledger = this.#parts.ledger(this.#settings, this.#around);
    this.#lane = this.#parts.lane(this.#settings, definition, this.#around, {
      committed: (job) => this.#committed(job),
      onParked: (job, reason) => this.#report({ event: 'parked', job, reason }),
      onFenced: (token) => this.#fenced(token),
    });
    const onChange = (change: LeaseChange): void => this.#leaseChanged(change);
    this.#lease = led
      ? this.#parts.lease(this.#settings, this.#ledger, this.#around, onChange)
      : undefined;
    this.#report(stateEvent('starting', null));
    void this.#connect();
  }

  get state(): NodeState {
    return this.#machine.state;
  }

  stop(): Promise<void> {
    this.#input({ type: 'stop' });
    return this.done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #connect(): Promise<void> {
    try {
      const { signal } = this.#stopping;
      await this.#ledger.ready(signal);
      if (signal.aborted) return;
      // Presence comes before the first fetch: a job must never be held by an unknown incarnation.
      const announced = await this.#parts.announce(this.#settings, this.#around, signal);
      if (signal.aborted) {
        await announced[Symbol.asyncDispose]();
        return;
      }
      this.#presence = announced;
      this.#input({ type: 'ready' });
      if (this.#lease && this.#rehearse) this.#track(this.#rehearsal(this.#rehearse));
      else this.#report({ event: 'ready' });
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /**
   * It ends when this node is elected or stopped: from then on there is better to do. The node
   * contends meanwhile, but it is ready, to take over without delay, only afterwards.
   */
  async #rehearsal(rehearse: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { log } = this.#around;
    try {
      await rehearse(AbortSignal.any([this.#stopping.signal, this.#elected.signal]));
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'rehearsal failed');
    }
    if (!this.#stopping.signal.aborted) this.#report({ event: 'ready' });
  }

  #leaseChanged(change: LeaseChange): void {
    const { log } = this.#around;
    switch (change.type) {
      case 'elected':
        log.info({ epoch: change.token.epoch, via: change.via }, 'elected');
        this.#elected.abort();
        this.#input({ type: 'elected', token: change.token, signal: change.signal });
        return;
      case 'deposed':
        log.info({ epoch: change.token.epoch, reason: change.reason }, 'deposed');
        this.#input({ type: 'deposed', token: change.token });
        return;
      case 'ledger-regressed': {
        const { storeEpoch, knownEpoch } = change;
        log.error({ storeEpoch, knownEpoch }, 'the ledger lost epochs');
        this.#report({ event: 'ledger_regressed', storeEpoch, knownEpoch });
        return;
      }
      default:
        unreachable(change);
    }
  }

  #input(input: NodeInput): void {
    const { machine, actions } = transition(this.#machine, input);
    this.#machine = machine;
    for (const action of actions) this.#act(action);
  }

  #act(action: NodeAction): void {
    switch (action.do) {
      case 'report':
        this.#report(stateEvent(this.#machine.state, this.#machine.token));
        return;
      case 'contend':
        this.#lease?.start();
        return;
      case 'work':
        this.#track(this.#work(action.token, action.signal));
        return;
      case 'drain':
        void this.#drain();
        return;
      case 'leave':
        void this.#leave();
        return;
      default:
        unreachable(action);
    }
  }

  #track(work: Promise<void>): void {
    this.#running.add(work.catch((error: unknown) => this.#giveUp(error)));
  }

  /** R2: a takeover is mint (done by the lease), recover, then fetch. */
  async #work(token: FencingToken | null, term: AbortSignal | null): Promise<void> {
    const settings = this.#settings;
    const { log, timers, prng } = this.#around;
    const signal = AbortSignal.any([this.#abandoned.signal, ...(term ? [term] : [])]);
    const stop = AbortSignal.any([this.#stopping.signal, signal]);
    this.#lane.begin({ token, signal: stop });
    const upkeep = { lane: this.#lane, ledger: this.#ledger, report: this.#report, log };
    await recoverJobs(upkeep).catch((error: unknown) =>
      log.warn({ reason: messageOf(error) }, 'first recovery failed; it is repeated'),
    );
    const untold = new PendingWork();
    const scope = {
      definition: this.#definition,
      lane: this.#lane,
      ledger: this.#ledger,
      node: settings.nodeId,
      incarnation: settings.incarnation,
      token,
      idempotent: this.#mode !== 'uncoordinated',
      signal,
      onFenced: () => this.#fenced(token),
      report: this.#report,
      track: (work: Promise<void>) => untold.add(work),
      log,
      timers,
      prng,
    };
    await Promise.all([
      runPool({
        lane: this.#lane,
        concurrency: settings.concurrency ?? this.#definition.concurrency ?? DEFAULT_CONCURRENCY,
        stop,
        abandon: this.#abandoned.signal,
        attempt: (job, fetchNext) => attemptJob(scope, job, fetchNext),
        log,
        timers,
        prng,
      }),
      this.#repeat('recovery', recoverEveryMs(settings, token), stop, () => recoverJobs(upkeep)),
      this.#repeat('maintenance', MAINTENANCE_MS, stop, () => forgetKeys(upkeep)),
    ]);
    await untold.over();
  }

  #repeat(
    name: string,
    pauseMs: number,
    signal: AbortSignal,
    task: () => Promise<void>,
  ): Promise<void> {
    const { log, timers, prng } = this.#around;
    return repeat({ name, pauseMs, signal, task, log, timers, prng });
  }

  async #committed(job: FetchedJob): Promise<boolean> {
    if (this.#mode === 'uncoordinated') return false;
    let sequence;
    try {
      sequence = sequenceOf(this.#definition, job);
    } catch {
      // A job whose number cannot be read never comes as far as its commit.
      return false;
    }
    return (await this.#ledger.lookup(job.id, sequence)) !== null;
  }

  #fenced(token: FencingToken | null): void {
    if (token) this.#lease?.fenced(token);
    else this.#giveUp(new ModeMismatch(this.#mode, this.#settings.group));
  }

  async #drain(): Promise<void> {
    this.#stopping.abort();
    const { timers, log } = this.#around;
    const cancel = timers.after(this.#settings.drainMs, () => {
      log.warn({ drainMs: this.#settings.drainMs }, 'drain took too long; handing jobs back');
      this.#abandoned.abort();
    });
    await this.#running.over();
    cancel();
    this.#input({ type: 'drained' });
  }

  async #leave(): Promise<void> {
    try {
      // The lease goes first: from here on a standby may take over.
      await this.#lease?.stop();
      await this.#presence?.[Symbol.asyncDispose]();
      await this.#lane[Symbol.asyncDispose]();
      await this.#ledger[Symbol.asyncDispose]();
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(messageOf(error));
    }
    this.#input({ type: 'left' });
    if (this.#failure) this.#finished.reject(this.#failure);
    else this.#finished.resolve();
  }

  #giveUp(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(messageOf(error));
    this.#around.log.error({ reason: messageOf(error) }, 'worker gives up');
    this.#input({ type: 'stop' });
  }
}
