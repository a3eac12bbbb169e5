import type { OperationBody } from '@understudy/history';
import { commandConnection } from '@understudy/redis';
import { type Clock, messageOf, sleep, type Timers } from '@understudy/runtime';
import { Queue } from 'bullmq';
import type { PlannedEnqueue } from './enqueue-plan.ts';

/** What the producer needs. */
export interface ProducerOptions {
  /** The data Redis. */
  url: string;
  /** BullMQ's queue and prefix. */
  queue: string;
  prefix: string;
  /** Whether the queue is to keep nothing of a job that is completed, because others use it too. */
  forget?: boolean;
  /** Jobs a second, steady; `max`: as fast as Redis takes them. */
  rate: number | 'max';
  record(operation: OperationBody): void;
  signal: AbortSignal;
  clock: Clock;
  timers: Timers;
}

/** Every job is this of BullMQ's names; its identity is the `id` in its data. */
const JOB_NAME = 'job';
const PROCESS = 'producer-1';
const TICK_MS = 5;
const BATCH = 200;
/** While Redis stands still, no more than this is under way. */
const BATCHES_UNDER_WAY = 8;
const REPLY_LIMIT_MS = 5000;
/** A store that refuses is asked with one job at a time, and so often. */
const REFUSED_PAUSE_MS = 50;

/**
 * With these Redis refuses a script before it has written anything: full, still reading its data,
 * a replica, unable to write to its disk.
 */
const REFUSED = /^(OOM|LOADING|READONLY|MISCONF) /;

/**
 * Enqueues everything planned and resolves when each job has its answer. What Redis refuses is
 * recorded as `fail`; a broken connection or a time-out as `info`, because nobody knows. Neither is
 * sent again: a later effect makes an unknown one `recovered`. While the connection is down nothing
 * is sent, and while Redis refuses next to nothing.
 */
export async function produce(
  planned: readonly PlannedEnqueue[],
  options: ProducerOptions,
): Promise<void> {
  const { url, queue: name, prefix, signal, clock, timers } = options;
  const connection = commandConnection(url, {
    name: 'understudy:producer',
    commandTimeoutMs: REPLY_LIMIT_MS,
  });
  const queue = new Queue(name, { connection: connection.redis, prefix });
  // Its operations reject as well; without a listener the event would end the process.
  queue.on('error', () => undefined);
  const underWay = new Set<Promise<void>>();
  let refused = false;
  try {
    await connection.ready(signal);
    const startMs = clock.monotonicMs();
    for (let sent = 0; sent < planned.length && !signal.aborted;) {
      const due = dueBy(clock.monotonicMs() - startMs, options.rate, planned.length);
      if (due === sent || underWay.size >= BATCHES_UNDER_WAY) {
        await Promise.race([sleep(timers, TICK_MS, signal), ...underWay]);
        continue;
      }
      if (refused) await sleep(timers, REFUSED_PAUSE_MS, signal);
      await connection.ready(signal);
      const batch = planned.slice(sent, Math.min(due, sent + (refused ? 1 : BATCH)));
      sent += batch.length;
      const answered = Promise.all(batch.map((job) => enqueue(queue, job, options)))
        .then((answers) => void (refused = answers.includes('fail')))
        .finally(() => underWay.delete(answered));
      underWay.add(answered);
    }
    // Who interrupts the run ends Redis too: then there are answers that never come.
    await Promise.race([Promise.all(underWay), aborted(signal)]);
  } finally {
    await connection[Symbol.asyncDispose]();
    void queue.close().catch(() => undefined);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** How many jobs should have been sent by now. */
function dueBy(elapsedMs: number, rate: number | 'max', all: number): number {
  if (rate === 'max') return all;
  return Math.min(all, Math.floor((elapsedMs * rate) / 1000) + 1);
}

/** Enqueues one job. Never rejects: what is known of it is recorded, and returned. */
async function enqueue(
  queue: Queue,
  { payment, copy }: PlannedEnqueue,
  { record, forget = false }: ProducerOptions,
): Promise<'ok' | 'fail' | 'info'> {
  const common = {
    op: 'enqueue',
    process: PROCESS,
    job: payment.id,
    key: payment.id,
    ...(copy === 2 ? { copy } : {}),
  } as const;
  const { account, amountCents } = payment;
  record({ ...common, type: 'invoke', account, amountCents });
  try {
    await queue.add(JOB_NAME, payment, forget ? { removeOnComplete: true } : {});
    record({ ...common, type: 'ok' });
    return 'ok';
  } catch (error) {
    const type = error instanceof Error && REFUSED.test(error.message) ? 'fail' : 'info';
    record({ ...common, type, error: messageOf(error) });
    return type;
  }
}
