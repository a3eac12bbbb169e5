import { type Clock, sleep, type Timers } from '@understudy/runtime';
import type { Nemesis } from '../schedule/nemesis.ts';
import type { QueueReader } from '../workload/queue-reader.ts';
import type { Progress } from './progress.ts';
import type { RunSettings } from './settings.ts';

/** What settling looks at. */
export interface SettleOptions {
  settings: RunSettings;
  progress: Progress;
  nemesis: Nemesis;
  queue: Pick<QueueReader, 'outstanding' | 'parked'>;
  /** Tells people what is waited for. */
  tell(detail: string): void;
  signal: AbortSignal;
  clock: Clock;
  timers: Timers;
}

const POLL_MS = 50;
/** A command that was under way when its process woke has arrived after so long. */
const LATENCY_MS = 500;

/**
 * Waits, when all jobs are enqueued, until nothing more can happen: the work is done or the
 * declared bound is over, every fault is healed, and zombies had their chance.
 *
 * A zombie is a process that was paused and goes on with what it believed: for it the run waits
 * out TTL + lock duration + latency. Where no process was ever paused there is none: the killed
 * are dead, and a job that they held is still in the queue, which must be empty first.
 */
export async function settle(options: SettleOptions): Promise<void> {
  const { settings, progress, nemesis, tell, signal, clock, timers } = options;
  const flowEndMs = clock.monotonicMs();
  tell(`all jobs are enqueued, ${progress.unfinished.size} of them unfinished`);
  await workedOff(options, quietBound(options));
  nemesis.giveUp();
  if (nemesis.inForce > 0) tell('waiting until the last fault is healed');
  await nemesis.done;
  if (nemesis.lastWakeMs !== undefined && !signal.aborted) {
    const waitMs = nemesis.lastWakeMs + zombieChanceMs(settings) - clock.monotonicMs();
    if (waitMs > 0) {
      tell(
        `waiting ${(waitMs / 1000).toFixed(1)} s, so that a process that was paused can do harm`,
      );
      await sleep(timers, waitMs, signal);
    }
  }
  const deadlineMs = Math.max(flowEndMs, nemesis.lastHealMs ?? 0) + settings.livenessBoundMs;
  // What the lab stood still is not held against the fleet, so who is late must be given that time.
  await workedOff(options, () => clock.monotonicMs() >= deadlineMs + progress.stalledMs);
}

/** After so long nobody can do harm any more with what it believed when it was broken, in ms. */
export function zombieChanceMs({ ttlMs, lockDurationMs }: RunSettings): number {
  return ttlMs + lockDurationMs + LATENCY_MS;
}

/** Waits until the queue is empty and every accepted job has come to something, or `over()`. */
async function workedOff(options: SettleOptions, over: () => boolean): Promise<void> {
  const { progress, tell, signal, clock, timers } = options;
  let toldMs = clock.monotonicMs();
  while (!signal.aborted && !(await isWorkedOff(options)) && !over()) {
    if (clock.monotonicMs() - toldMs > 1000) {
      toldMs = clock.monotonicMs();
      tell(`waiting for ${progress.unfinished.size} unfinished jobs`);
    }
    await sleep(timers, POLL_MS, signal);
  }
}

async function isWorkedOff({ progress, queue }: SettleOptions): Promise<boolean> {
  try {
    if (progress.unfinished.size > 0) {
      // A worker that does not tell what it parked has left it among the failed.
      const parked = new Set(await queue.parked());
      if (![...progress.unfinished].every((job) => parked.has(job))) return false;
    }
    // Where nobody can look into the queue, the jobs that took effect are all that is known.
    return ((await queue.outstanding()) ?? 0) === 0;
  } catch {
    // The store does not answer, so nobody knows.
    return false;
  }
}

/** Over when no job was finished, and no fault was in force, for as long as the bound says. */
function quietBound({ settings, progress, nemesis, clock }: SettleOptions): () => boolean {
  let lastMs = clock.monotonicMs();
  let last = progress.unfinished.size;
  return () => {
    const nowMs = clock.monotonicMs();
    if (progress.unfinished.size !== last || nemesis.inForce > 0) lastMs = nowMs;
    last = progress.unfinished.size;
    return nowMs - lastMs >= settings.livenessBoundMs;
  };
}
