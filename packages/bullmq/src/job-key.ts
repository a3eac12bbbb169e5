import type { BullmqJob } from './bullmq-shapes.ts';

/** A job's idempotency key, or why it has none. */
export type JobKey =
  | { readonly known: true; readonly key: string }
  | { readonly known: false; readonly reason: string };

/** BullMQ numbers the jobs that come without an id, and refuses ids that look like its numbers. */
const BULLMQ_NUMBER = /^\d+$/;

const WHAT_TO_DO =
  'give it an id of your own: as data.id, as the option jobId of queue.add(), or by the option key of exactlyOnce()';

/**
 * The caller's id of a job (C2): what `key` says; else the `id` in its data; else the id that its
 * scheduler made from its own id and the time of the occurrence; else the `jobId` it was enqueued
 * with. Never BullMQ's counter: a job that is enqueued twice gets two numbers, and a queue that was
 * emptied counts from 1 again.
 */
export function jobKey<J extends BullmqJob>(job: J, key?: (job: J) => unknown): JobKey {
  if (key) return ofCaller(job, key(job));
  if (job.repeatJobKey) {
    // All occurrences of a scheduler carry the same data, so data.id would be one id for all.
    return job.id ? known(job.id) : refused('its scheduler gave it no id');
  }
  const data: unknown = job.data;
  if (typeof data === 'object' && data !== null && 'id' in data) {
    if (typeof data.id === 'string' && data.id !== '') return known(data.id);
    return refused(`its data.id is ${JSON.stringify(data.id)}, not a non-empty string`);
  }
  const { jobId } = job.opts;
  if (jobId !== undefined && jobId === job.id) return known(jobId);
  return refused('its data has no "id" and it was enqueued without a jobId');
}

function ofCaller(job: BullmqJob, key: unknown): JobKey {
  if (typeof key !== 'string' || key === '') {
    return refused(
      `the option key returned ${String(JSON.stringify(key))}, not a non-empty string`,
    );
  }
  if (key === job.id && BULLMQ_NUMBER.test(key)) {
    return refused(`the option key returned BullMQ's own number of the job, ${key}`);
  }
  return known(key);
}

function known(key: string): JobKey {
  return { known: true, key };
}

function refused(why: string): JobKey {
  return { known: false, reason: `it cannot commit once, because ${why}: ${WHAT_TO_DO}` };
}
