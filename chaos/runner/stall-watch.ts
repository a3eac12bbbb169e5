import type { Clock, Timers } from '@understudy/runtime';

const TICK_MS = 20;
const STALL_MS = 100;

/**
 * Notices when this process itself stood still: a timer that should fire every 20 ms fired more
 * than 100 ms late. Disposing stops it.
 */
export function watchStalls(
  clock: Clock,
  timers: Timers,
  onStall: (durationMs: number) => void,
): Disposable {
  let lastMs = clock.monotonicMs();
  const cancel = timers.every(TICK_MS, () => {
    const nowMs = clock.monotonicMs();
    const lateMs = nowMs - lastMs - TICK_MS;
    lastMs = nowMs;
    if (lateMs > STALL_MS) onStall(Math.round(lateMs));
  });
  return { [Symbol.dispose]: cancel };
}
