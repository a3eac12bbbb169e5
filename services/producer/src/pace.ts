/**
 * When job number `index` (from 0) is due so that `perSecond` jobs a second are enqueued, in
 * monotonic ms. Late jobs are not dropped: the producer catches up.
 */
export function paceUntil(startedMs: number, index: number, perSecond: number): number {
  return startedMs + (index * 1000) / perSecond;
}
