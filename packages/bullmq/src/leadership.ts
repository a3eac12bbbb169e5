import type { FencingToken, Ledger } from '@understudy/exactly-once';
import { createLease, type Lease, type LeaseChange, type LeaseSettings } from '@understudy/lease';
import { invariant, messageOf } from '@understudy/runtime';
import { leaseLog } from '@understudy/worker/node';
import { z } from 'zod';
import { InvalidOptions } from './errors.ts';
import {
  faultsIn,
  groupForm,
  type GroupOptions,
  type Member,
  memberOf,
  redisUrl,
  refuseFaults,
  wholeMs,
} from './group-options.ts';
import { openLedger } from './open-ledger.ts';
import type { Right } from './safe-attempt.ts';

/** Options of `leadership`; times are those of `LeaseSettings` and have its defaults. */
export interface LeadershipOptions extends GroupOptions, Partial<LeaseSettings> {
  /** The lock nodes, in the same order everywhere: one, or three that fail independently. */
  readonly lockRedisUrls: readonly string[];
}

/** Who leads a group, as this process knows it. Give it to `exactlyOnce` and to `whenLeader`. */
export interface Leader extends AsyncDisposable {
  readonly group: string;
  readonly nodeId: string;
  readonly incarnation: string;
  /** The token of the term in which this process leads right now; `undefined` when it does not. */
  readonly token: FencingToken | undefined;
  /** Ends what `leadership` began, where no `whenLeader` does: it closes its leader itself. */
  close(): Promise<void>;
}

const form = z.strictObject({
  ...groupForm,
  lockRedisUrls: z
    .array(redisUrl, 'expected the lock nodes, as redis:// URLs')
    .min(1, 'expected at least one lock node; three let one of them fail'),
  ttlMs: wholeMs.optional(),
  pollMs: wholeMs.optional(),
  heartbeatMs: wholeMs.optional(),
  silenceMs: wholeMs.optional(),
  graceMs: wholeMs.optional(),
  commandTimeoutMs: wholeMs.optional(),
  presence: z.boolean().optional(),
});

/**
 * Connects to a group's ledger and lock nodes. This process contends for the lead from when
 * `whenLeader` is given a worker to lead with, and not before.
 * @throws {InvalidOptions} naming everything that is wrong
 * @throws {InvalidLeaseSettings} when times contradict each other
 */
export function leadership(options: LeadershipOptions): Leader {
  refuseFaults('leadership()', faultsIn(form, options));
  return new GroupLeader(options);
}

/** What `whenLeader` listens with. */
export type LeaderListener = (change: LeaseChange) => void;

/** A leader as the parts of this package use it. */
export class GroupLeader implements Leader {
  readonly member: Member;
  readonly ledger: Ledger;
  readonly #lease: Lease;
  readonly #abandoned = new AbortController();
  #listener: LeaderListener | undefined;
  #right: Right | undefined;
  readonly #ends: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;

  constructor(options: LeadershipOptions) {
    this.member = memberOf(options);
    this.ledger = openLedger(this.member);
    try {
      this.#lease = this.#makeLease(options);
    } catch (error) {
      void this.ledger[Symbol.asyncDispose]();
      throw error;
    }
  }

  get group(): string {
    return this.member.group;
  }

  get nodeId(): string {
    return this.member.nodeId;
  }

  get incarnation(): string {
    return this.member.incarnation;
  }

  get token(): FencingToken | undefined {
    return this.right?.token ?? undefined;
  }

  /** The right of the term that leads now, its deadline looked at (L2). */
  get right(): Right | undefined {
    const term = this.#lease.leadership?.token.term;
    return term !== undefined && this.#right?.token?.term === term ? this.#right : undefined;
  }

  get hasWorker(): boolean {
    return this.#listener !== undefined;
  }

  /** @throws {InvalidOptions} when it has a worker already */
  lead(listener: LeaderListener): void {
    if (this.#listener) {
      throw new InvalidOptions('whenLeader()', [
        `the leader of ${this.group} has a worker already: make another leadership(), with a group of its own, for the second`,
      ]);
    }
    this.#listener = listener;
  }

  ready(signal?: AbortSignal): Promise<void> {
    return this.ledger.ready(signal);
  }

  contend(): void {
    this.#lease.start();
  }

  /** A commit with `token` was refused (L6). */
  fenced(token: FencingToken): void {
    this.#lease.fenced(token);
  }

  /** What is in flight is handed back, though this process leads (L11: a drain that took too long). */
  abandon(): void {
    this.#abandoned.abort();
  }

  /** Something that is to end before the ledger is let go of. */
  endsWith(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // The lease goes first: from here on a standby may take over.
    await this.#lease.stop();
    await Promise.all(this.#ends.map((end) => end()));
    await this.ledger[Symbol.asyncDispose]();
  }

  #makeLease(options: LeadershipOptions): Lease {
    const { group, nodeId, incarnation, clock, timers, prng, newId, log } = this.member;
    const { ttlMs, pollMs, heartbeatMs, silenceMs, graceMs, commandTimeoutMs, presence } = options;
    const settings = { ttlMs, pollMs, heartbeatMs, silenceMs, graceMs, commandTimeoutMs, presence };
    return createLease({
      ...(Object.fromEntries(
        Object.entries(settings).filter(([, value]) => value !== undefined),
      ) as Partial<LeaseSettings>),
      group,
      nodeId,
      incarnation,
      lockUrls: options.lockRedisUrls,
      store: this.ledger,
      onChange: (change) => this.#changed(change),
      ...{ clock, timers, prng, newId },
      log: leaseLog(log),
    });
  }

  #changed(change: LeaseChange): void {
    if (change.type === 'elected') {
      const { token, signal } = change;
      this.#right = { token, signal: AbortSignal.any([signal, this.#abandoned.signal]) };
    }
    if (change.type === 'deposed') this.#right = undefined;
    invariant(this.#listener, 'nobody contends before it has a worker');
    try {
      this.#listener(change);
    } catch (error) {
      this.member.log.error({ reason: messageOf(error) }, 'a change of leadership was not taken');
    }
  }
}
