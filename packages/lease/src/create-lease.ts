import { groupKeys } from '@understudy/redis';
import {
  type CancelTimer,
  type Clock,
  failpoint,
  messageOf,
  type NewId,
  type Prng,
  randomId,
  seededPrng,
  systemClock,
  systemTimers,
  type Timers,
  unreachable,
} from '@understudy/runtime';
import type { EpochStore, MintRequest } from './epoch-store.ts';
import { InvalidLeaseSettings } from './errors.ts';
import type { FencingToken } from './fencing-token.ts';
import type { LeaseChange, LeaseLogEvent } from './lease-change.ts';
import type { Leadership, Lease, LeaseOptions } from './lease.ts';
import { LockNodes } from './lock-nodes.ts';
import { createdState } from './memory.ts';
import { leaseScripts } from './scripts.ts';
import { leaseSettings } from './settings.ts';
import type { Happening, LeaseEffect, LeaseState } from './state.ts';
import { termOf } from './term-of.ts';
import { transition, wakeAtMs } from './transition.ts';

/**
 * Creates one lease and connects to its lock nodes; `start` begins to contend. Any number of
 * leases may live in a process.
 * @throws {InvalidLeaseSettings} when times contradict each other or there is no lock node
 * @throws {InvalidName} when `group` cannot be part of a key
 */
export function createLease(options: LeaseOptions): Lease {
  return new RedisLease(options);
}

/** The shell around `transition`: does the effects and reports what came of them. */
class RedisLease implements Lease {
  readonly #store: EpochStore;
  readonly #onChange: (change: LeaseChange) => void;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #prng: Prng;
  readonly #newId: NewId;
  readonly #log: (event: LeaseLogEvent) => void;
  readonly #lockNodes: LockNodes;
  readonly #forgetStore: () => void;
  readonly #stopped = Promise.withResolvers<void>();
  #state: LeaseState;
  #term: { token: FencingToken; controller: AbortController } | undefined;
  readonly #happenings: Happening[] = [];
  #transiting = false;
  #wakeMs: number | undefined;
  #cancelWake: CancelTimer = () => undefined;

  constructor(options: LeaseOptions) {
    const settings = leaseSettings(options);
    if (options.lockUrls.length === 0) throw new InvalidLeaseSettings(['lockUrls is empty']);
    this.#store = options.store;
    this.#onChange = (change) => options.onChange(change);
    this.#clock = options.clock ?? systemClock;
    this.#timers = options.timers ?? systemTimers;
    this.#newId = options.newId ?? randomId;
    this.#prng = options.prng ?? seededPrng(randomId());
    this.#log = options.log ?? (() => undefined);
    this.#lockNodes = new LockNodes({
      urls: options.lockUrls,
      nodeId: options.nodeId,
      incarnation: options.incarnation,
      keys: groupKeys(options.group),
      settings,
      scripts: { ...leaseScripts(settings.graceMs), ...options.scripts },
      timers: this.#timers,
      watch: options.watch,
      onReturned: () => this.#happened({ type: 'node-returned' }),
      onGivenBack: () => this.#happened({ type: 'given-back' }),
      log: this.#log,
    });
    this.#state = createdState(settings, options.lockUrls.length);
    this.#forgetStore = this.#store.onReady((runId) =>
      this.#happened({ type: 'store-ready', runId }),
    );
  }

  start(): void {
    this.#happened({ type: 'start' });
  }

  get leadership(): Leadership | undefined {
    // A stalled event loop runs its timers late: the deadline may have passed unseen.
    if (this.#term) this.#happened({ type: 'tick' });
    const { stage } = this.#state;
    if (!this.#term || stage.name !== 'leading') return undefined;
    const { token, controller } = this.#term;
    return { token, signal: controller.signal, deadlineMs: stage.deadlineMs };
  }

  fenced(token: FencingToken): void {
    this.#happened({ type: 'fenced', token });
  }

  stop(): Promise<void> {
    this.#happened({ type: 'stop' });
    return this.#stopped.promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Effects may cause happenings at once: they queue up, and are handled one by one, in order. */
  #happened(happening: Happening): void {
    this.#happenings.push(happening);
    if (this.#transiting) return;
    this.#transiting = true;
    for (let next = this.#happenings.shift(); next; next = this.#happenings.shift()) {
      this.#transit(next);
    }
    this.#transiting = false;
    this.#armWake();
  }

  #transit(happening: Happening): void {
    const { runId, lastAnswerMs } = this.#store;
    const at = {
      nowMs: this.#clock.monotonicMs(),
      chance: this.#prng.float(),
      ledger: { runId, lastAnswerMs },
    };
    const before = this.#state.stage;
    const { state, effects } = transition(this.#state, { ...happening, at });
    this.#state = state;
    if (state.stage.name !== before.name) this.#logStage(state);
    for (const effect of effects) this.#do(effect);
  }

  #armWake(): void {
    const wakeMs = wakeAtMs(this.#state);
    if (wakeMs === this.#wakeMs) return;
    this.#cancelWake();
    this.#wakeMs = wakeMs;
    if (wakeMs === undefined) return;
    // Rounded up: a timer that fires early would only be armed again.
    const delayMs = Math.ceil(Math.max(0, wakeMs - this.#clock.monotonicMs()));
    this.#cancelWake = this.#timers.after(delayMs, () => {
      this.#wakeMs = undefined;
      this.#happened({ type: 'tick' });
    });
  }

  #do(effect: LeaseEffect): void {
    const nodes = this.#lockNodes;
    switch (effect.type) {
      case 'probe': {
        const { node } = effect;
        void nodes.probe(node).then((answer) => this.#happened({ type: 'probed', node, answer }));
        return;
      }
      case 'glance': {
        const { node, channel } = effect;
        void nodes
          .glance(node, channel)
          .then((answer) => this.#happened({ type: 'glanced', node, answer }));
        return;
      }
      case 'read-epoch':
        return this.#readEpoch(effect.purpose);
      case 'prepare': {
        const term = this.#newId();
        void nodes.prepare(term).then(() => this.#happened({ type: 'prepared', term }));
        return;
      }
      case 'drop-presence':
        return nodes.dropPresence(effect.term);
      case 'depose':
        void nodes
          .depose(effect.silent)
          .then((removed) => this.#happened({ type: 'depose-settled', removed }));
        return;
      case 'acquire':
        void nodes.acquire(effect.term).then((outcome) => {
          if (outcome.type === 'acquired') failpoint('after-lease');
          this.#happened(outcome);
        });
        return;
      case 'extend':
        void nodes.extend(effect.term).then((outcome) => this.#happened(outcome));
        return;
      case 'mint':
        return this.#mint(effect.request);
      case 'beat': {
        const { term } = effect;
        return nodes.beat(term, effect.epoch, (node, found) =>
          this.#happened({ type: 'beaten', term, node, found }),
        );
      }
      case 'report-false-takeover':
        return this.#reportFalseTakeover(effect.term);
      case 'release': {
        const { term } = effect;
        void nodes.release(term).then((told) => this.#happened({ type: 'released', term, told }));
        return;
      }
      case 'lead':
      case 'yield':
      case 'tell-regression':
        return this.#tellOwner(effect);
      case 'close':
        return this.#close();
      default:
        return unreachable(effect);
    }
  }

  #readEpoch(purpose: 'check' | 'mint'): void {
    this.#store.readEpoch().then(
      (reading) => this.#happened({ type: 'epoch-read', purpose, reading }),
      (error: unknown) => {
        this.#log({ message: 'ledger failed', call: 'read', error: messageOf(error) });
        this.#happened({ type: 'epoch-read', purpose, reading: undefined });
      },
    );
  }

  #mint(request: MintRequest): void {
    const { term } = request;
    this.#store.mint(request).then(
      (outcome) => this.#happened({ type: 'mint-settled', term, outcome }),
      (error: unknown) => {
        this.#log({ message: 'ledger failed', call: 'mint', error: messageOf(error) });
        this.#happened({ type: 'mint-settled', term, outcome: { status: 'unknown' } });
      },
    );
  }

  #reportFalseTakeover(term: string): void {
    void this.#lockNodes.reportFalseTakeover(term).then((proven) => {
      if (proven) this.#log({ message: 'false takeover', term });
    });
  }

  #tellOwner(effect: LeaseEffect & { type: 'lead' | 'yield' | 'tell-regression' }): void {
    switch (effect.type) {
      case 'lead': {
        const { token, via, vacantSinceMs } = effect;
        const controller = new AbortController();
        this.#term = { token, controller };
        const { signal } = controller;
        return this.#tell({ type: 'elected', token, signal, via, vacantSinceMs });
      }
      case 'yield': {
        const { token, reason } = effect;
        const controller = this.#term?.controller;
        this.#term = undefined;
        controller?.abort();
        return this.#tell({ type: 'deposed', token, reason });
      }
      case 'tell-regression': {
        const { storeEpoch, knownEpoch } = effect;
        return this.#tell({ type: 'ledger-regressed', storeEpoch, knownEpoch });
      }
      default:
        return unreachable(effect);
    }
  }

  #tell(change: LeaseChange): void {
    try {
      this.#onChange(change);
    } catch (error) {
      // The owner's mistake must neither be swallowed nor stop a step-down half way.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #close(): void {
    this.#forgetStore();
    void this.#lockNodes.close().then(() => this.#stopped.resolve());
  }

  #logStage({ stage }: LeaseState): void {
    this.#log({ message: 'lease stage', stage: stage.name, term: termOf(stage) });
  }
}
