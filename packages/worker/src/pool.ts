import type { FetchedJob, Lane } from '@understudy/queue';
import { messageOf, type Prng, sleep, type Timers } from '@understudy/runtime';
import type { Logger } from '@understudy/telemetry';

/** What a pool needs. */
export interface PoolOptions {
  readonly lane: Lane;
  /** Jobs handled at once. */
  readonly concurrency: number;
  /** Aborts when nothing more may be fetched; what is in flight goes on. */
  readonly stop: AbortSignal;
  /** Aborts when even handing back is no longer waited for: survivors will take the jobs. */
  readonly abandon: AbortSignal;
  /** Runs one attempt; resolves with the job that came along, if any. */
  attempt(job: FetchedJob, fetchNext: () => boolean): Promise<FetchedJob | undefined>;
  readonly log: Logger;
  readonly timers: Timers;
  readonly prng: Prng;
}

const TROUBLE_WAIT_MS = 100;

/**
 * Runs `concurrency` loops of fetch and attempt until `stop` aborts. Resolves when the last
 * attempt is settled. It never rejects: trouble with Redis is waited out.
 */
export async function runPool(options: PoolOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.concurrency }, () => runSlot(options)));
}

async function runSlot(options: PoolOptions): Promise<void> {
  const { lane, stop } = options;
  let next: FetchedJob | undefined;
  while (next ?? !stop.aborted) {
    const job: FetchedJob | undefined = next ?? (await fetch(options));
    next = undefined;
    if (!job) continue;
    try {
      // Fetched in the moment the pool was told to stop: it goes back untouched.
      if (stop.aborted) await lane.handBack(job);
      else next = await options.attempt(job, () => !stop.aborted);
    } catch (error) {
      options.log.warn({ jobId: job.id, reason: messageOf(error) }, 'attempt in trouble');
      await giveBack(options, job);
    }
  }
}

async function fetch(options: PoolOptions): Promise<FetchedJob | undefined> {
  try {
    return await options.lane.fetch(options.stop);
  } catch (error) {
    options.log.warn({ reason: messageOf(error) }, 'fetch in trouble');
    await pause(options, options.stop);
    return undefined;
  }
}

/**
 * A job whose settling failed is still ours, and the lane keeps renewing its lock: left alone it
 * would never be worked on again. So it is handed back, however long that takes.
 */
async function giveBack(options: PoolOptions, job: FetchedJob): Promise<void> {
  while (!options.abandon.aborted) {
    try {
      await options.lane.handBack(job);
      return;
    } catch (error) {
      options.log.warn({ jobId: job.id, reason: messageOf(error) }, 'hand-back in trouble');
      await pause(options, options.abandon);
    }
  }
}

function pause({ timers, prng }: PoolOptions, signal: AbortSignal): Promise<void> {
  return sleep(timers, TROUBLE_WAIT_MS + prng.integer(0, TROUBLE_WAIT_MS), signal);
}
