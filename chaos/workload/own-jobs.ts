import type { PlannedEnqueue } from './enqueue-plan.ts';
import type { Payment } from './payment.ts';

/** How the lab's own jobs are told from those of others in the same queue. */
export interface OwnJobs {
  readonly prefix: string;
  /** Whether a job, by its id, is one of the run's. */
  isOwn(id: string): boolean;
  /** The payment under an id of the run's. */
  mark(payment: Payment): Payment;
}

/**
 * The jobs of a run whose queue others use too: each id begins with what tells this run from every
 * other, so that none is that of a job of somebody else's, nor of an earlier run's.
 */
export function ownJobs(run: string): OwnJobs {
  const prefix = `${run.slice(run.lastIndexOf('-') + 1)}:`;
  return {
    prefix,
    isOwn: (id) => id.startsWith(prefix),
    mark: (payment) => ({ ...payment, id: `${prefix}${payment.id}` }),
  };
}

/** The same hand-overs to the queue, under the run's own ids. */
export function markedEnqueues(
  enqueues: readonly PlannedEnqueue[],
  { mark }: OwnJobs,
): readonly PlannedEnqueue[] {
  return enqueues.map(({ payment, copy }) => ({ payment: mark(payment), copy }));
}
