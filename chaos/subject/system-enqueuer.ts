import { messageOf, sleep, type Timers } from '@understudy/runtime';
import { SystemUnusable } from '../errors.ts';
import type { EnqueueAnswer, Enqueuer } from '../workload/enqueuer.ts';
import type { Payment } from '../workload/payment.ts';
import type { System, SystemRun } from './system.ts';

/** What handing over jobs to a system needs. */
export interface SystemEnqueuerOptions {
  readonly system: System;
  readonly run: SystemRun;
  /** Told when not even the first job could be handed over: there is nothing to test then. */
  onFailure(error: Error): void;
  readonly timers: Timers;
}

const REPLY_LIMIT_MS = 5000;

/** Hands jobs to a system by its own `enqueue`. */
export function systemEnqueuer({
  system,
  run,
  onFailure,
  timers,
}: SystemEnqueuerOptions): Enqueuer {
  let first = true;
  return {
    ready: () => Promise.resolve(),
    async enqueue(job) {
      const isFirst = first;
      first = false;
      try {
        return await answerWithin(REPLY_LIMIT_MS, job);
      } catch (error) {
        if (isRefusal(error)) return { type: 'fail', error: messageOf(error) };
        // No fault has had time yet, so it is the hook, or what it needs, and will be so each time.
        if (isFirst) {
          const why = `enqueue() could not hand over the first job, ${job.id}: ${messageOf(error)}. Nothing was tested. See that what it connects to runs, and that it works by itself; an error with \`refused: true\` (JobRefused) says that the queue certainly does not have the job.`;
          onFailure(new SystemUnusable(why, { cause: error }));
        }
        return { type: 'info', error: messageOf(error) };
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };

  async function answerWithin(limitMs: number, job: Payment): Promise<EnqueueAnswer> {
    const answered = new AbortController();
    const late = sleep(timers, limitMs, answered.signal).then((): EnqueueAnswer => {
      return { type: 'info', error: `enqueue() did not settle within ${limitMs / 1000} s` };
    });
    const done = Promise.resolve(system.enqueue(job, run)).then((): EnqueueAnswer => {
      return { type: 'ok' };
    });
    try {
      return await Promise.race([done, late]);
    } finally {
      answered.abort();
    }
  }
}

function isRefusal(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'refused' in error && error.refused === true
  );
}
