import { type CancelTimer, type Timers, TransientMap } from '@understudy/runtime';
import type { JobInHand } from './job-in-hand.ts';

/** Renews locks in one trip; those that were lost are ignored. */
export type ExtendLocks = (
  queueIds: string[],
  tokens: string[],
  durationMs: number,
) => Promise<unknown>;

/** Three chances to renew a lock before it expires. */
const RENEWALS_PER_LOCK = 3;

/** The jobs whose lock this process holds, and the renewal of these locks. */
export class HeldLocks {
  readonly #jobs = new TransientMap<string, JobInHand>();
  readonly #unsettled = new TransientMap<string, true>();
  readonly #stop: CancelTimer;
  #renewing = false;

  constructor(lockDurationMs: number, timers: Timers, extend: ExtendLocks) {
    this.#stop = timers.every(lockDurationMs / RENEWALS_PER_LOCK, () => {
      if (this.#renewing || this.#jobs.size === 0) return;
      this.#renewing = true;
      const jobs = this.#jobs.values();
      const tokens = jobs.map(({ token }) => token);
      const done = (): void => void (this.#renewing = false);
      // A lock that cannot be renewed shows when the job is settled: as lost.
      extend(
        jobs.map(({ queueId }) => queueId),
        tokens,
        lockDurationMs,
      ).then(done, done);
    });
  }

  add(job: JobInHand): void {
    this.#jobs.set(job.queueId, job);
  }

  /** Forgets the job, unless it is held anew. */
  remove(job: JobInHand): void {
    if (this.#jobs.get(job.queueId) === job) this.#jobs.delete(job.queueId);
  }

  /** While `during` runs, a job may come to be locked with `token` that is not known here yet. */
  async using<T>(token: string, during: () => Promise<T>): Promise<T> {
    this.#unsettled.set(token, true);
    try {
      return await during();
    } finally {
      this.#unsettled.delete(token);
    }
  }

  /** Whether a lock with `token` on `queueId` is one that this process knows or may get to know. */
  knows(queueId: string, token: string): boolean {
    return this.#unsettled.has(token) || this.#jobs.get(queueId)?.token === token;
  }

  close(): void {
    this.#stop();
    this.#jobs.clear();
  }
}
