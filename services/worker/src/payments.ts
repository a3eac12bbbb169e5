import { type Clock, sleep, type Timers } from '@understudy/runtime';
import { defineWorker, type WorkerDefinition } from '@understudy/worker';

/** One line of the input: a payment to credit to an account. */
export interface Payment {
  readonly id: string;
  readonly account: string;
  readonly amountCents: number;
}

/** How the payments worker is set up for a run. */
export interface PaymentsOptions {
  /** How long handling one payment takes, in ms: the time in which a fault finds it in flight. */
  readonly handlerMs: number;
  /** Ids of payments whose handler always throws: declared poison. */
  readonly failing: ReadonlySet<string>;
  /** Ids of payments whose handler ends the process, as running out of memory would. */
  readonly deadly: ReadonlySet<string>;
  /** Ends the process at once. */
  crash(): void;
  readonly clock: Clock;
  readonly timers: Timers;
}

/** The worker of the shipped workload: credits each payment to its account, once. */
export function paymentsWorker(options: PaymentsOptions): WorkerDefinition<Payment> {
  return defineWorker<Payment>({
    queue: 'payments',
    async handle(job, { credit, signal }) {
      if (options.handlerMs > 0) await sleep(options.timers, options.handlerMs, signal);
      if (options.deadly.has(job.id)) options.crash();
      if (options.failing.has(job.id)) throw new Error(`payment ${job.id} always fails`);
      credit(job.data.account, job.data.amountCents);
    },
  });
}
