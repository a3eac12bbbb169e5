import type { EnqueueOperation, Operation } from '@understudy/history';
import type { JobTable } from './job-table.ts';

/** A job that took effect before one that was enqueued earlier for the same account. */
export interface Inversion {
  /** Index of the job that came too early. */
  readonly job: number;
  /** Index of the job that should have come first. */
  readonly overtaken: number;
  /** Their positions in the ledger. */
  readonly position: number;
  readonly overtakenPosition: number;
}

/**
 * Finds jobs whose effects do not keep the order of enqueueing. Two jobs are ordered only when the
 * same producer had the first acknowledged before it sent the second for the same account: what
 * was under way at the same time has no order. Where a job was enqueued twice, its first `invoke`
 * and its first acknowledgement count, and of several effects the first in the ledger.
 *
 * The events are kept (two numbers a job) and played back when all positions are known: a job is
 * inverted when one that was acknowledged before it was sent has a later position.
 */
export class Inversions {
  readonly #jobs: JobTable;
  /** Job index × 2, plus 1 for an acknowledgement, in order of appearance. */
  readonly #events: number[] = [];
  readonly #lanes: number[] = [];
  readonly #laneOf = new Map<string, Map<string, number>>();
  #laneCount = 0;
  #sentJobs = 0;
  #found: readonly Inversion[] | undefined;
  #compared = 0;

  constructor(jobs: JobTable) {
    this.#jobs = jobs;
  }

  /** Takes the next operation; the job table has seen it already. */
  step(operation: Operation, job: number): void {
    if (operation.op !== 'enqueue') return;
    if (operation.type === 'invoke') this.#sent(operation, job);
    else if (operation.type === 'ok' && this.#laneIndex(job) !== -1) this.#events.push(job * 2 + 1);
  }

  /** Every inverted job, with one it overtook; to be asked after the last operation. */
  get found(): readonly Inversion[] {
    this.#found ??= this.#playBack();
    return this.#found;
  }

  /** Whether any account has several jobs of one producer: without, there is no order to speak of. */
  get hasPairs(): boolean {
    return this.#sentJobs > this.#laneCount;
  }

  /**
   * How many jobs have a place in an order: one of their account was acknowledged and took effect, and
   * they were sent after it. Without any there is nothing that could be out of order.
   */
  get compared(): number {
    this.#found ??= this.#playBack();
    return this.#compared;
  }

  #sent(operation: EnqueueOperation, job: number): void {
    const { account, process } = operation;
    if (account === undefined || this.#laneIndex(job) !== -1) return;
    const lanes = this.#laneOf.get(process) ?? new Map<string, number>();
    this.#laneOf.set(process, lanes);
    let lane = lanes.get(account);
    if (lane === undefined) {
      lane = this.#laneCount++;
      lanes.set(account, lane);
    }
    while (this.#lanes.length <= job) this.#lanes.push(-1);
    this.#lanes[job] = lane;
    this.#sentJobs += 1;
    this.#events.push(job * 2);
  }

  #playBack(): Inversion[] {
    const found: Inversion[] = [];
    const furthest = new Array<number>(this.#laneCount).fill(-1);
    for (const event of this.#events) {
      const job = event >> 1;
      const position = this.#firstPosition(job);
      if (Number.isNaN(position)) continue;
      const lane = this.#laneIndex(job);
      const before = furthest[lane]!;
      const beforePosition = before === -1 ? 0 : this.#firstPosition(before);
      const acknowledged = event % 2 === 1;
      if (!acknowledged && before !== -1) this.#compared += 1;
      if (!acknowledged && beforePosition > position) {
        found.push({ job, overtaken: before, position, overtakenPosition: beforePosition });
      }
      if (acknowledged && beforePosition < position) furthest[lane] = job;
    }
    return found;
  }

  /** Where a job first took effect in the ledger, which need not be what was seen first; NaN = nowhere. */
  #firstPosition(job: number): number {
    const seen = this.#jobs.effectPosition[job]!;
    const further = this.#jobs.furtherEffects.get(job) ?? [];
    return further.reduce((first, { position }) => Math.min(first, position), seen);
  }

  /** Producer and account of a job as one number; -1 when it has none. */
  #laneIndex(job: number): number {
    return this.#lanes[job] ?? -1;
  }
}
