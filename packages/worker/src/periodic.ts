import { messageOf, type Prng, sleep, type Timers } from '@understudy/runtime';

/** A task that is repeated while a node works. */
export interface PeriodicOptions {
  /** Mean pause between the end of one run and the start of the next, in ms. */
  readonly pauseMs: number;
  /** Ends the repetition. */
  readonly signal: AbortSignal;
  /** For the log. */
  readonly name: string;
  task(): Promise<void>;
  readonly log: { warn(fields: object, message: string): void };
  readonly timers: Timers;
  readonly prng: Prng;
}

/**
 * Repeats `task` until the signal aborts, with pauses of half to one and a half times `pauseMs`,
 * so that the nodes of a fleet do not fall into step. A task that rejects is run again later.
 */
export async function repeat(options: PeriodicOptions): Promise<void> {
  const { signal, pauseMs, prng, timers } = options;
  while (!signal.aborted) {
    await sleep(timers, pauseMs * (0.5 + prng.float()), signal);
    if (signal.aborted) return;
    try {
      await options.task();
    } catch (error) {
      options.log.warn({ task: options.name, reason: messageOf(error) }, 'periodic task failed');
    }
  }
}
