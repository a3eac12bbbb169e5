import type {
  EffectOperation,
  EndOperation,
  EnqueueOperation,
  HistoryHeader,
  Operation,
  StoreOperation,
} from '@understudy/history';
import { longer } from './column.ts';
import { Names } from './names.ts';

/** What was asked for when a job was enqueued; `undefined` where it was not said. */
export interface Order {
  readonly key: string | undefined;
  readonly account: string | undefined;
  readonly amountCents: number | undefined;
}

/** One effect as it was seen. */
export interface EffectSight {
  readonly node: string;
  readonly epoch: number | undefined;
  readonly at: number;
  readonly position: number;
}

/** The index that stands for: this operation repeats one that was taken already, pass it over. */
export const REPEATED = -2;

/** How many jobs there is room for at first. */
const FIRST_JOBS = 1024;

/**
 * What is known of each job, as columns of numbers: a history of a million operations has to fit.
 * A job is known by its index here, in order of first mention. The columns are longer than there
 * are jobs, and others once they are full: nobody may keep one.
 */
export class JobTable {
  readonly ids: string[] = [];
  /** `invoke`s of its enqueueing. */
  invoked = new Uint32Array(FIRST_JOBS);
  /** Enqueues of it that certainly failed. */
  refused = new Uint32Array(FIRST_JOBS);
  /** When its enqueueing was first acknowledged; NaN = never. */
  acceptedAt = new Float64Array(FIRST_JOBS).fill(NaN);
  /** Entries of the effect log that name it. */
  effects = new Uint32Array(FIRST_JOBS);
  vanished = new Uint32Array(FIRST_JOBS);
  /** When its first effect was seen; NaN = never. */
  effectAt = new Float64Array(FIRST_JOBS).fill(NaN);
  /** Position of its first effect; NaN = none. */
  effectPosition = new Float64Array(FIRST_JOBS).fill(NaN);
  /** 1 when its first effect was seen before it was enqueued. */
  early = new Uint8Array(FIRST_JOBS);
  /** The effects after the first, of the jobs that have several. */
  readonly furtherEffects = new Map<number, EffectSight[]>();

  /** Entries of the effect log. */
  effectEntries = 0;
  vanishedEntries = 0;
  /** Entries of the effect log that name no job: any job may be theirs. */
  unnamedEntries = 0;
  attempts = 0;
  duplicateEnqueues = 0;
  accepted = 0;
  /**
   * Jobs that a worker may be busy with: handed to the queue (not refused, not with an unknown
   * outcome), without an effect, neither parked nor declared poison.
   */
  outstanding = 0;
  /** When `outstanding` last rose from zero; NaN = never. */
  workSinceAt = Number.NaN;
  /**
   * When the store was last seen to have lost data, or to have restarted where that may lose some;
   * NaN = never. One that keeps all it acknowledged is to blame only for what it was seen to lose.
   */
  storeLossAt = Number.NaN;
  /** What was seen of the store: only data that are missing say that it lost some. */
  storeLoss: 'lost data' | 'restarted' = 'restarted';
  /** The read at the end. */
  end: EndOperation | undefined;
  lastAt = 0;

  readonly #poison: ReadonlySet<string>;
  readonly #storeKeepsAll: boolean;
  readonly #indexes = new Map<string, number>();
  readonly #accounts = new Names();
  readonly #nodes = new Names();
  /** The job that was named last: an operation is often of the same job as the one before it. */
  #lastId: string | undefined;
  #lastJob = -1;
  #outstanding = new Uint8Array(FIRST_JOBS);
  #account = new Int32Array(FIRST_JOBS).fill(-1);
  #amountCents = new Float64Array(FIRST_JOBS).fill(NaN);
  #effectNode = new Int32Array(FIRST_JOBS).fill(-1);
  #effectEpoch = new Float64Array(FIRST_JOBS).fill(NaN);
  readonly #keys: (string | undefined)[] = [];
  readonly #effectIds: string[] = [];
  readonly #parked = new Set<number>();
  readonly #finalOnly = new Set<number>();

  constructor(header: HistoryHeader) {
    this.#poison = new Set(header.expect.poison);
    this.#storeKeepsAll = header.expect.storeKeeps === 'always';
  }

  /**
   * Takes an operation and answers the index of the job it names; -1 when it names none; REPEATED
   * for an entry of the effect log (same job, position and id) that was taken before.
   */
  step(operation: Operation): number {
    this.lastAt = operation.at;
    switch (operation.op) {
      case 'enqueue':
        return this.#enqueue(operation);
      case 'attempt':
        this.attempts += 1;
        return this.indexOf(operation.job);
      case 'effect':
        return this.#effect(operation);
      case 'vanished': {
        const job = this.indexOf(operation.job);
        this.vanished[job]! += 1;
        this.vanishedEntries += 1;
        return job;
      }
      case 'parked': {
        const job = this.indexOf(operation.job);
        this.#parked.add(job);
        this.#setOutstanding(job, 0, operation.at);
        return job;
      }
      case 'store':
        this.#store(operation);
        return -1;
      case 'end':
        this.end = operation;
        return -1;
      default:
        return -1;
    }
  }

  /** The index of a job; one that was never mentioned is taken in. */
  indexOf(id: string): number {
    if (id === this.#lastId) return this.#lastJob;
    this.#lastId = id;
    this.#lastJob = this.#indexes.get(id) ?? this.#takeIn(id);
    return this.#lastJob;
  }

  isPoison(job: number): boolean {
    return this.#poison.size > 0 && this.#poison.has(this.ids[job]!);
  }

  isAccepted(job: number): boolean {
    return !Number.isNaN(this.acceptedAt[job]!);
  }

  /** Whether its first effect was found by the read at the end only, so that `effectAt` is late. */
  isFinalOnly(job: number): boolean {
    return this.#finalOnly.has(job);
  }

  /** Whether some accepted job may still be waiting for a worker. */
  hasAcceptedWork(): boolean {
    return this.#outstanding.some((value, job) => value === 1 && this.isAccepted(job));
  }

  /** What was asked for when it was first enqueued. */
  orderOf(job: number): Order {
    const amountCents = this.#amountCents[job]!;
    return {
      key: this.#keys[job],
      account: this.#accounts.nameOf(this.#account[job]!),
      amountCents: Number.isNaN(amountCents) ? undefined : amountCents,
    };
  }

  /** Its first effect; undefined when it has none. */
  firstEffectOf(job: number): EffectSight | undefined {
    const node = this.#nodes.nameOf(this.#effectNode[job]!);
    if (node === undefined) return undefined;
    const epoch = this.#effectEpoch[job]!;
    return {
      node,
      epoch: Number.isNaN(epoch) ? undefined : epoch,
      at: this.effectAt[job]!,
      position: this.effectPosition[job]!,
    };
  }

  #takeIn(id: string): number {
    const job = this.ids.length;
    if (job === this.invoked.length) this.#grow(job * 2);
    this.#indexes.set(id, job);
    this.ids.push(id);
    this.#keys.push(undefined);
    this.#effectIds.push('');
    return job;
  }

  #grow(jobs: number): void {
    this.invoked = longer(this.invoked, new Uint32Array(jobs));
    this.refused = longer(this.refused, new Uint32Array(jobs));
    this.effects = longer(this.effects, new Uint32Array(jobs));
    this.vanished = longer(this.vanished, new Uint32Array(jobs));
    this.early = longer(this.early, new Uint8Array(jobs));
    this.#outstanding = longer(this.#outstanding, new Uint8Array(jobs));
    this.acceptedAt = longer(this.acceptedAt, new Float64Array(jobs).fill(NaN));
    this.effectAt = longer(this.effectAt, new Float64Array(jobs).fill(NaN));
    this.effectPosition = longer(this.effectPosition, new Float64Array(jobs).fill(NaN));
    this.#account = longer(this.#account, new Int32Array(jobs).fill(-1));
    this.#amountCents = longer(this.#amountCents, new Float64Array(jobs).fill(NaN));
    this.#effectNode = longer(this.#effectNode, new Int32Array(jobs).fill(-1));
    this.#effectEpoch = longer(this.#effectEpoch, new Float64Array(jobs).fill(NaN));
  }

  #store({ event, at }: StoreOperation): void {
    if (event === 'regressed') this.storeLoss = 'lost data';
    else if (this.#storeKeepsAll) return;
    this.storeLossAt = at;
  }

  #enqueue(operation: EnqueueOperation): number {
    const job = this.indexOf(operation.job);
    switch (operation.type) {
      case 'invoke':
        if (this.invoked[job] === 0) this.#order(job, operation);
        else this.duplicateEnqueues += 1;
        this.invoked[job]! += 1;
        this.#expectWork(job, operation.at);
        break;
      case 'ok':
        if (!this.isAccepted(job)) this.accepted += 1;
        if (!this.isAccepted(job)) this.acceptedAt[job] = operation.at;
        this.#expectWork(job, operation.at);
        break;
      case 'fail':
        this.refused[job]! += 1;
        if (!this.isAccepted(job)) this.#setOutstanding(job, 0, operation.at);
        break;
      case 'info':
        if (!this.isAccepted(job)) this.#setOutstanding(job, 0, operation.at);
        break;
    }
    return job;
  }

  #order(job: number, operation: EnqueueOperation): void {
    if (this.effects[job]! > 0) this.early[job] = 1;
    if (operation.account !== undefined) this.#account[job] = this.#accounts.add(operation.account);
    if (operation.amountCents !== undefined) this.#amountCents[job] = operation.amountCents;
    // The key is nearly always the id: the same characters need not be kept twice.
    this.#keys[job] = operation.key === operation.job ? this.ids[job] : operation.key;
  }

  #expectWork(job: number, at: number): void {
    const settled = this.effects[job]! > 0 || this.#parked.has(job) || this.isPoison(job);
    if (!settled) this.#setOutstanding(job, 1, at);
  }

  #effect(operation: EffectOperation): number {
    if (operation.unnamed) {
      this.unnamedEntries += 1;
      this.effectEntries += 1;
      return -1;
    }
    const job = this.indexOf(operation.job);
    const { node, epoch, at, position } = operation;
    if (this.effects[job] === 0) {
      this.effectAt[job] = at;
      this.effectPosition[job] = position;
      this.#effectNode[job] = this.#nodes.add(node);
      if (epoch !== undefined) this.#effectEpoch[job] = epoch;
      this.#effectIds[job] = operation.id;
      if (operation.source === 'final') this.#finalOnly.add(job);
      this.#setOutstanding(job, 0, at);
    } else if (position === this.effectPosition[job] && operation.id === this.#effectIds[job]) {
      return REPEATED;
    } else {
      const further = this.furtherEffects.get(job) ?? [];
      further.push({ node, epoch, at, position });
      this.furtherEffects.set(job, further);
    }
    this.effects[job]! += 1;
    this.effectEntries += 1;
    return job;
  }

  #setOutstanding(job: number, value: 0 | 1, at: number): void {
    const before = this.#outstanding[job]!;
    if (before === value) return;
    this.#outstanding[job] = value;
    if (value === 1 && this.outstanding === 0) this.workSinceAt = at;
    this.outstanding += value - before;
  }
}
