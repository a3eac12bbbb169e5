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

/**
 * Enqueues everything planned and resolves when each job has its answer. A rejection or a time-out
 * is recorded as `info`, because nobody knows, and the job is not sent again: a later effect makes
 * it `recovered`. While the connection is down nothing is sent.
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
  try {
    await connection.ready(signal);
    const startMs = clock.monotonicMs();
    for (let sent = 0; sent < planned.length && !signal.aborted;) {
      const due = dueBy(clock.monotonicMs() - startMs, options.rate, planned.length);
      if (due === sent || underWay.size >= BATCHES_UNDER_WAY) {
        await Promise.race([sleep(timers, TICK_MS, signal), ...underWay]);
        continue;
      }
      await connection.ready(signal);
      const batch = planned.slice(sent, Math.min(due, sent + BATCH));
      sent += batch.length;
      const answered = enqueue(queue, batch, options).finally(() => underWay.delete(answered));
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

async function enqueue(
  queue: Queue,
  batch: readonly PlannedEnqueue[],
  { record }: ProducerOptions,
): Promise<void> {
  const tell = (type: 'invoke' | 'ok' | 'info', error?: string): void => {
    for (const { payment, copy } of batch) {
      record({
        op: 'enqueue',
        type,
        process: PROCESS,
        job: payment.id,
        key: payment.id,
        ...(copy === 2 ? { copy } : {}),
        ...(type === 'invoke'
          ? { account: payment.account, amountCents: payment.amountCents }
          : {}),
        ...(error === undefined ? {} : { error }),
      });
    }
  };
  tell('invoke');
  try {
    // Redis answers for each of them, but of a failure BullMQ tells the first error only: then
    // nothing is claimed of any.
    await queue.addBulk(batch.map(({ payment }) => ({ name: JOB_NAME, data: payment })));
  } catch (error) {
    tell('info', messageOf(error));
    return;
  }
  tell('ok');
}
