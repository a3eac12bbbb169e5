import { messageOf } from '@understudy/runtime';
import { Backoffs, Job, UnrecoverableError, type Worker } from 'bullmq';
import { type Persistence, untilAnswered as askUntilAnswered } from '../until-answered.ts';
import type { JobInHand } from './job-in-hand.ts';

/** BullMQ's codes that say: this job is not ours (any more), or not there. */
const LOST_CODES: readonly unknown[] = [-1, -2, -3, -6];
/** BullMQ's codes that say: a parent cannot be completed before its children. */
const CHILDREN_CODES: readonly unknown[] = [-4, -9];

/** What BullMQ's script said about a job. */
export type Refusal = 'lost' | 'has-children' | undefined;

/** Reads BullMQ's numeric code from what it threw; `undefined` for any other trouble. */
export function refusalIn(error: unknown): Refusal {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (LOST_CODES.includes(code)) return 'lost';
  return CHILDREN_CODES.includes(code) ? 'has-children' : undefined;
}

/**
 * Asks until the queue answers. Every question is guarded by the job's token.
 * @returns `lost` when the lane is closed first
 * @throws what BullMQ threw with a code that means neither success nor `lost`
 */
export function untilAnswered<T>(
  persistence: Persistence,
  ask: () => Promise<T>,
): Promise<T | 'lost'> {
  return askUntilAnswered(persistence, ask, (error) => {
    const refusal = refusalIn(error);
    return refusal === 'has-children' ? 'final' : refusal;
  });
}

/**
 * Fails an attempt as BullMQ does: with its back-off, its stack traces and its failed set. A
 * back-off strategy that only its producer knows is no back-off here.
 * @param maxAttempts for jobs whose own options do not ask for several
 * @returns whether the job will be retried or stays failed
 */
export async function failWithBullmq(
  worker: Worker,
  job: JobInHand,
  error: unknown,
  maxAttempts: number,
): Promise<'retry' | 'parked'> {
  const failing = bullmqJob(worker, job);
  const { attempts = 0, backoff } = failing.opts;
  if (!(attempts > 1)) failing.opts.attempts = maxAttempts;
  if (typeof backoff === 'object' && !(backoff.type in Backoffs.builtinStrategies)) {
    delete failing.opts.backoff;
  }
  await failing.moveToFailed(asError(error), job.token, false);
  return failing.finishedOn === undefined ? 'retry' : 'parked';
}

/** Fails a job for good, whatever attempts are left. */
export async function parkWithBullmq(
  worker: Worker,
  job: JobInHand,
  reason: string,
): Promise<'parked'> {
  await bullmqJob(worker, job).moveToFailed(new UnrecoverableError(reason), job.token, false);
  return 'parked';
}

function bullmqJob(worker: Worker, { queueId, data, opts, fields }: JobInHand): Job {
  const number = (field: string): number => Number(fields.get(field) ?? 0);
  const text = (field: string): Record<string, string> => {
    const value = fields.get(field);
    return value === undefined ? {} : { [field]: value };
  };
  const json = {
    id: queueId,
    name: fields.get('name') ?? '',
    data: '{}',
    opts,
    progress: 0,
    attemptsMade: number('atm'),
    attemptsStarted: number('ats'),
    stalledCounter: number('stc'),
    timestamp: number('timestamp'),
    failedReason: '',
    returnvalue: '',
    ...text('stacktrace'),
    ...text('parentKey'),
  };
  const job = Job.fromJSON(worker, json, queueId);
  job.data = data;
  return job;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
