import { runScript } from '@understudy/redis';
import type { Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Arrival } from './fetch-pump.ts';
import type { HeldLocks } from './held-locks.ts';
import { JobInHand, type MalformedJob, readJob } from './job-in-hand.ts';
import type { Delivery, LaneBackend } from './lane-backend.ts';
import type { FetchedJob } from '../lane.ts';
import type { Persistence } from '../until-answered.ts';
import { scripts } from './scripts.ts';
import { parkWithBullmq, untilAnswered } from './settlement.ts';

/** What the intake works with. */
export interface IntakeParts {
  readonly redis: Redis;
  readonly backend: LaneBackend;
  readonly worker: Worker;
  readonly locks: HeldLocks;
  readonly persistence: Persistence;
  readonly incarnation: string;
  /** Makes this lane's tokens different from those of any other. */
  readonly nonce: string;
  readonly recoveryLimit: number;
  readonly committed?: ((job: FetchedJob) => Promise<boolean>) | undefined;
  readonly onParked?: ((job: string, reason: string) => void) | undefined;
}

/**
 * What comes from the queue on its way to a handler: here jobs that cannot be read are parked,
 * those that were given up are failed, and suspects are told apart.
 */
export class Intake {
  readonly #parts: IntakeParts;
  #fetches = 0;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** One fetch, under a token of its own. */
  fetch(): Promise<Arrival> {
    const { backend, locks, incarnation, nonce } = this.#parts;
    this.#fetches += 1;
    const token = `${incarnation}:${nonce}.${this.#fetches}`;
    return locks.using(token, async () =>
      this.arrival(await backend.fetch(token, incarnation), token),
    );
  }

  /** Takes in what the queue delivered under `token`. */
  async arrival(delivery: Delivery, token: string): Promise<Arrival> {
    const { locks, recoveryLimit } = this.#parts;
    if (!delivery.job) {
      return delivery.limitedForMs > 0
        ? { kind: 'limited', forMs: delivery.limitedForMs }
        : { kind: 'nothing', nextDueAtMs: delivery.nextDueAtMs };
    }
    const job = readJob(delivery.job.queueId, token, delivery.job.fields);
    if (!(job instanceof JobInHand)) {
      await this.#parkMalformed(job);
      return { kind: 'skipped' };
    }
    locks.add(job);
    if (job.condemned !== undefined) {
      await this.#judge(job, job.condemned);
      return { kind: 'skipped' };
    }
    return { kind: 'job', job, suspect: job.recoveries >= recoveryLimit };
  }

  /** Notes on a suspect that it is about to run alone; false when it is not ours any more. */
  async beginAlone(job: JobInHand): Promise<boolean> {
    const { redis, backend, locks, persistence } = this.#parts;
    const name = backend.toKey(job.queueId);
    const noted = await untilAnswered(persistence, () =>
      runScript(redis, scripts.beginAlone, [name, `${name}:lock`], [job.token]),
    );
    if (noted === 1) return true;
    locks.remove(job);
    return false;
  }

  /** Puts a job back to the head of the queue that was fetched and never delivered. */
  async putBack(job: JobInHand): Promise<void> {
    const { backend, locks, persistence } = this.#parts;
    await untilAnswered(persistence, () => backend.moveJobFromActiveToWait(job.queueId, job.token));
    locks.remove(job);
  }

  /** Parks a job and reports it. */
  async giveUp(job: JobInHand, reason: string): Promise<void> {
    const { worker, persistence, onParked } = this.#parts;
    const ended = await untilAnswered(persistence, () => parkWithBullmq(worker, job, reason));
    if (ended === 'parked') onParked?.(job.id, reason);
  }

  /** Whoever took it back decided that it had its chances. The ledger has the last word (C4). */
  async #judge(job: JobInHand, reason: string): Promise<void> {
    const { backend, locks, persistence, committed } = this.#parts;
    try {
      if (await committed?.(job)) {
        await untilAnswered(persistence, () => backend.complete(job, false));
      } else await this.giveUp(job, reason);
      locks.remove(job);
    } catch (error) {
      await this.putBack(job);
      throw error;
    }
  }

  async #parkMalformed({ queueId, token, reason }: MalformedJob): Promise<void> {
    const { redis, backend, persistence, onParked } = this.#parts;
    const { active, failed, stalled, events } = backend.keys as Record<string, string>;
    const job = backend.toKey(queueId);
    const keys = [active, failed, stalled, events, job, `${job}:lock`] as string[];
    const parked = await untilAnswered(persistence, () =>
      runScript(redis, scripts.parkMalformed, keys, [queueId, token, reason]),
    );
    if (parked === 1) onParked?.(queueId, reason);
  }
}
