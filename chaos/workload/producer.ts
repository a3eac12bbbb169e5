import type { OperationBody } from '@understudy/history';
import { type Clock, sleep, type Timers } from '@understudy/runtime';
import type { PlannedEnqueue } from './enqueue-plan.ts';
import type { EnqueueAnswer, Enqueuer } from './enqueuer.ts';

/** What the producer needs. */
export interface ProducerOptions {
  /** Where the jobs go; disposed of when everything has its answer. */
  enqueuer: Enqueuer;
  /** Jobs a second, steady; `max`: as fast as the queue takes them. */
  rate: number | 'max';
  /**
   * Whether a job is sent only when the one before it of its account has its answer: of jobs that are
   * under way at the same time nobody can say which was first, so that their order would not be tested.
   */
  inOrder?: boolean;
  record(operation: OperationBody): void;
  signal: AbortSignal;
  clock: Clock;
  timers: Timers;
}

const PROCESS = 'producer-1';
const TICK_MS = 5;
const BATCH = 200;
/** While the queue stands still, no more than this is under way. */
const BATCHES_UNDER_WAY = 8;
/** A store that refuses is asked with one job at a time, and so often. */
const REFUSED_PAUSE_MS = 50;

/**
 * Enqueues everything planned and resolves when each job has its answer. What the queue refuses
 * is recorded as `fail`; a broken connection or a time-out as `info`, because nobody knows. Neither is
 * sent again: a later effect makes an unknown one `recovered`. While the queue cannot be reached
 * nothing is sent, and while it refuses next to nothing.
 */
export async function produce(
  planned: readonly PlannedEnqueue[],
  options: ProducerOptions,
): Promise<void> {
  const { signal, clock, timers } = options;
  await using enqueuer = options.enqueuer;
  const underWay = new Set<Promise<void>>();
  let refused = false;
  const send = options.inOrder ? inTurn(options) : (job: PlannedEnqueue) => enqueue(job, options);
  await enqueuer.ready(signal);
  const startMs = clock.monotonicMs();
  for (let sent = 0; sent < planned.length && !signal.aborted;) {
    const due = dueBy(clock.monotonicMs() - startMs, options.rate, planned.length);
    if (due === sent || underWay.size >= BATCHES_UNDER_WAY) {
      await Promise.race([sleep(timers, TICK_MS, signal), ...underWay]);
      continue;
    }
    if (refused) await sleep(timers, REFUSED_PAUSE_MS, signal);
    await enqueuer.ready(signal);
    const batch = planned.slice(sent, Math.min(due, sent + (refused ? 1 : BATCH)));
    sent += batch.length;
    const answered = Promise.all(batch.map(send))
      .then((answers) => void (refused = answers.includes('fail')))
      .finally(() => underWay.delete(answered));
    underWay.add(answered);
  }
  // Who interrupts the run ends the queue too: then there are answers that never come.
  await Promise.race([Promise.all(underWay), aborted(signal)]);
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

/** Enqueues jobs, those of one account one after the other. */
function inTurn(options: ProducerOptions): (job: PlannedEnqueue) => Promise<EnqueueAnswer['type']> {
  const { enqueuer, signal } = options;
  const lastOf = new Map<string, Promise<EnqueueAnswer['type']>>();
  return (job) => {
    const before = lastOf.get(job.payment.account);
    const turn = (async () => {
      if (before) {
        await before;
        // What could be reached when the batch was begun may have gone since.
        await enqueuer.ready(signal);
        if (signal.aborted) return 'info';
      }
      return enqueue(job, options);
    })();
    lastOf.set(job.payment.account, turn);
    return turn;
  };
}

/** Enqueues one job. Never rejects: what is known of it is recorded, and returned. */
async function enqueue(
  { payment, copy }: PlannedEnqueue,
  { enqueuer, record }: ProducerOptions,
): Promise<EnqueueAnswer['type']> {
  const common = {
    op: 'enqueue',
    process: PROCESS,
    job: payment.id,
    key: payment.id,
    ...(copy === 2 ? { copy } : {}),
  } as const;
  const { account, amountCents } = payment;
  record({ ...common, type: 'invoke', account, amountCents });
  const answer = await enqueuer.enqueue(payment);
  record({ ...common, ...answer });
  return answer.type;
}
