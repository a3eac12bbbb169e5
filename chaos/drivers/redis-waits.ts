import type { CommandConnection } from '@understudy/redis';
import { type Clock, sleep, type Timers } from '@understudy/runtime';

/** Looks every `lookMs` until `isSo`, and for `limitMs` at most; resolves with whether it was. */
export async function untilSo(
  isSo: () => Promise<boolean>,
  limitMs: number,
  lookMs: number,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
): Promise<boolean> {
  const deadlineMs = clock.monotonicMs() + limitMs;
  while (!(await isSo())) {
    if (clock.monotonicMs() >= deadlineMs) return false;
    await sleep(timers, lookMs);
  }
  return true;
}

/**
 * The `run_id` of a server that was started again, once it has read its data; undefined when that
 * takes longer than `limitMs`, or `exited` resolves before.
 */
export async function runIdOnceLoaded(
  connection: CommandConnection,
  exited: Promise<unknown>,
  limitMs: number,
  timers: Timers,
): Promise<string | undefined> {
  const known = new AbortController();
  const limit = new AbortController();
  void sleep(timers, limitMs, known.signal).then(() => limit.abort());
  void exited.then(() => limit.abort());
  await connection.ready(limit.signal);
  known.abort();
  return connection.runId;
}
