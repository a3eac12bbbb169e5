import type { Timers } from '@understudy/runtime';
import type { Redis } from 'ioredis';

/** Disconnects, and waits until the connection ended, but not longer than `waitMs`. */
export function disconnected(redis: Redis, timers: Timers, waitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      redis.off('end', finish);
      resolve();
    };
    const cancel = timers.after(waitMs, finish);
    if (redis.status === 'end') finish();
    else redis.once('end', finish);
    redis.disconnect();
  });
}
