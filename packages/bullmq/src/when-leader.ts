import type { FencingToken } from '@understudy/exactly-once';
import type { LeaseChange } from '@understudy/lease';
import { messageOf, sleep, unreachable } from '@understudy/runtime';
import {
  type NodeAction,
  type NodeInput,
  type NodeMachine,
  type NodeState,
  repeat,
  stateEvent,
  transition,
  type WorkerEvent,
} from '@understudy/worker/node';
import { z } from 'zod';
import type { BullmqWorker } from './bullmq-shapes.ts';
import { faultsIn, type Member, refuseFaults, wholeMs } from './group-options.ts';
import { GroupLeader, type Leader } from './leadership.ts';
import { takeBack, type TakeBack } from './take-back.ts';

/** Options of `whenLeader`. */
export interface WhenLeaderOptions {
  /** How often the leader looks for jobs of dead nodes, in ms. Default 50. */
  readonly recoveryMs?: number | undefined;
  /** How long a stop waits for what is in flight before it is handed back, in ms. Default 10,000. */
  readonly drainMs?: number | undefined;
}

/** A worker that works when its process leads. */
export interface LedWorker extends AsyncDisposable {
  readonly state: NodeState;
  /**
   * Closes the worker: what is in flight is waited for, at most `drainMs`; then the lease is
   * released, and a standby takes over (L11). `worker.close()` comes to the same, except that it
   * resolves before the lease is released. Idempotent.
   */
  stop(): Promise<void>;
  /** Resolves when it has stopped; rejects with what made it give up. */
  readonly done: Promise<void>;
}

const RECOVERY_MS = 50;
const DRAIN_MS = 10_000;
/** How long a worker may take to close after its jobs were told to end. */
const CLOSE_LIMIT_MS = 1000;

const form = z.strictObject({ recoveryMs: wholeMs.optional(), drainMs: wholeMs.optional() });

/**
 * Makes a worker of BullMQ's active-passive: it runs while this process leads, and only then. A
 * takeover mints an epoch, takes back what dead nodes left, and lets the worker fetch (R2). When the
 * lead is lost the worker is paused, and what is in flight is handed back. Together with
 * `exactlyOnce(…, { leader })` its commits carry the token of the term.
 *
 * `worker` must be made with `autorun: false` and not run yet.
 * @throws {InvalidOptions} naming everything that is wrong
 */
export function whenLeader(
  worker: BullmqWorker,
  leader: Leader,
  options: WhenLeaderOptions = {},
): LedWorker {
  const faults = [...faultsOfWorker(worker), ...faultsIn(form, options)];
  if (!(leader instanceof GroupLeader)) faults.push('leader: expected what leadership() returned');
  refuseFaults('whenLeader()', faults);
  return new WorkerWhenLeader(worker, leader as GroupLeader, options);
}

class WorkerWhenLeader implements LedWorker {
  readonly done: Promise<void>;
  readonly #worker: BullmqWorker;
  readonly #leader: GroupLeader;
  readonly #member: Member;
  readonly #recoveryMs: number;
  readonly #drainMs: number;
  readonly #takeBack: TakeBack;
  readonly #stopping = new AbortController();
  readonly #finished = Promise.withResolvers<void>();
  #machine: NodeMachine = { state: 'starting', led: true, token: null };
  #begun = false;
  /** What was asked of the worker last: one thing after another, or BullMQ loses count. */
  #turn: Promise<void> = Promise.resolve();
  #recovering: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(worker: BullmqWorker, leader: GroupLeader, options: WhenLeaderOptions) {
    this.done = this.#finished.promise;
    this.#worker = worker;
    this.#leader = leader;
    this.#member = leader.member;
    this.#recoveryMs = options.recoveryMs ?? RECOVERY_MS;
    this.#drainMs = options.drainMs ?? DRAIN_MS;
    leader.lead((change) => this.#leaseChanged(change));
    this.#takeBack = takeBack(worker, this.#member);
    // Closed by its owner, who need not know of leadership. BullMQ tells it before close() remembers
    // that it was called: a call at once would close a second time.
    worker.on('closing', () => queueMicrotask(() => this.#input({ type: 'stop' })));
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
    const { signal } = this.#stopping;
    try {
      await this.#leader.ready(signal);
      // Presence comes before the first fetch: a job must never be held by an unknown incarnation.
      if (!signal.aborted) await this.#takeBack.announce(signal);
    } catch (error) {
      this.#giveUp(error);
    }
    if (signal.aborted) return;
    this.#input({ type: 'ready' });
    this.#report({ event: 'ready' });
  }

  #leaseChanged(change: LeaseChange): void {
    const { log } = this.#member;
    switch (change.type) {
      case 'elected': {
        const { token, signal, via } = change;
        log.info({ epoch: token.epoch, via }, 'elected');
        this.#input({ type: 'elected', token, signal });
        return;
      }
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
        this.#leader.contend();
        return;
      case 'work':
        this.#work(action.token, action.signal);
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

  #work(token: FencingToken | null, term: AbortSignal | null): void {
    const stop = AbortSignal.any([this.#stopping.signal, ...(term ? [term] : [])]);
    this.#inTurn(() => this.#begin(stop));
    // A worker that closes pauses by itself.
    const pause = (): void => {
      if (!this.#stopping.signal.aborted && this.#begun) this.#inTurn(() => this.#worker.pause());
    };
    term?.addEventListener('abort', pause, { once: true });
    const { log, timers, prng } = this.#member;
    const again = repeat({
      ...{ name: 'recovery', pauseMs: this.#recoveryMs, signal: stop },
      task: () => this.#recover(),
      ...{ log, timers, prng },
    });
    this.#recovering = Promise.all([this.#recovering, again]).then(() => undefined);
    log.info({ epoch: token?.epoch }, 'works');
  }

  async #begin(stop: AbortSignal): Promise<void> {
    const { log } = this.#member;
    if (stop.aborted) return;
    await this.#recover().catch((error: unknown) =>
      log.warn({ reason: messageOf(error) }, 'first recovery failed; it is repeated'),
    );
    if (stop.aborted) return;
    if (this.#begun) {
      await this.#worker.resume();
      return;
    }
    this.#begun = true;
    // It resolves when the worker is paused for the first time.
    this.#worker.run().catch((error: unknown) => this.#giveUp(error));
  }

  /** R1: takes back what dead nodes left, and tells what it found. */
  async #recover(): Promise<void> {
    const { taken, parked } = await this.#takeBack.recover();
    for (const job of parked) {
      this.#report({ event: 'parked', job, reason: 'nothing of it was left to fetch' });
    }
    if (taken.length === 0) return;
    const from = [...new Set(taken.map(({ incarnation }) => incarnation))];
    this.#member.log.info({ jobs: taken.length, from }, 'jobs taken back');
    this.#report({ event: 'recovered', jobs: taken.length, from });
  }

  async #drain(): Promise<void> {
    this.#stopping.abort();
    const { timers, log } = this.#member;
    const closed = new AbortController();
    const closing = this.#worker
      .close()
      .catch((error: unknown) => this.#failed(error))
      .finally(() => closed.abort());
    const limit = async (): Promise<void> => {
      await sleep(timers, this.#drainMs, closed.signal);
      if (closed.signal.aborted) return;
      log.warn({ drainMs: this.#drainMs }, 'drain took too long; handing jobs back');
      this.#leader.abandon();
      // A processor without exactlyOnce() cannot be told: the lease is released all the same.
      await sleep(timers, CLOSE_LIMIT_MS, closed.signal);
    };
    await Promise.race([closing, limit()]);
    this.#input({ type: 'drained' });
  }

  async #leave(): Promise<void> {
    try {
      const leaving = this.#leader.close();
      await this.#takeBack[Symbol.asyncDispose]();
      await leaving;
      await this.#recovering;
    } catch (error) {
      this.#failed(error);
    }
    this.#input({ type: 'left' });
    if (this.#failure) this.#finished.reject(this.#failure);
    else this.#finished.resolve();
  }

  #inTurn(what: () => Promise<void>): void {
    this.#turn = this.#turn.then(what).catch((error: unknown) => this.#giveUp(error));
  }

  #report(event: WorkerEvent): void {
    this.#member.report(event, this.#member);
  }

  #failed(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(messageOf(error));
    this.#member.log.error({ reason: messageOf(error) }, 'led worker gives up');
  }

  #giveUp(error: unknown): void {
    this.#failed(error);
    this.#input({ type: 'stop' });
  }
}

function faultsOfWorker(worker: BullmqWorker): string[] {
  const faults: string[] = [];
  if (worker.opts.autorun !== false) {
    faults.push(
      'the worker was made without autorun: false, so it fetches although nobody was elected: add that option',
    );
  }
  if (worker.isRunning()) {
    faults.push('the worker runs already: leave run() to whenLeader()');
  }
  return faults;
}
