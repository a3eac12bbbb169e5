import type { Prng } from '@understudy/runtime';
import type { Payment } from './payment.ts';

/** One hand-over of a job to the queue. */
export interface PlannedEnqueue {
  readonly payment: Payment;
  /** 2 for the second of two deliberate hand-overs. */
  readonly copy: 1 | 2;
}

/** A producer that retries after a lost reply does so within its own time-out. */
const FARTHEST_COPY = 200;

/**
 * The order in which jobs are enqueued: as given, some of them once more, up to 200 places later.
 * @param share how many of the jobs, from 0 to 1; rounded, and at least one when it is not 0
 */
export function planEnqueues(
  jobs: readonly Payment[],
  share: number,
  prng: Prng,
): readonly PlannedEnqueue[] {
  const copies = share > 0 ? Math.max(1, Math.round(jobs.length * share)) : 0;
  const copiesAfter = new Map<number, Payment[]>();
  for (const index of pickIndices(jobs.length, Math.min(copies, jobs.length), prng)) {
    const place = Math.min(jobs.length - 1, index + prng.integer(0, FARTHEST_COPY));
    const there = copiesAfter.get(place) ?? [];
    there.push(jobs[index] as Payment);
    copiesAfter.set(place, there);
  }
  return jobs.flatMap((payment, index): PlannedEnqueue[] => [
    { payment, copy: 1 },
    ...(copiesAfter.get(index) ?? []).map((copied) => ({ payment: copied, copy: 2 as const })),
  ]);
}

/** `count` different whole numbers below `below`, ascending. */
function pickIndices(below: number, count: number, prng: Prng): readonly number[] {
  const picked = new Set<number>();
  while (picked.size < count) picked.add(prng.integer(0, below - 1));
  return [...picked].sort((a, b) => a - b);
}
