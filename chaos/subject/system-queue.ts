import type { QueueReader } from '../workload/queue-reader.ts';
import type { System, SystemRun } from './system.ts';

/** What a system tells of its queue: which jobs wait, if it has a hook for it. */
export function systemQueue(system: System, run: SystemRun): QueueReader {
  const pending = async (): Promise<readonly string[] | undefined> => system.readPending?.(run);
  return {
    outstanding: async () => (await pending())?.length,
    parked: () => Promise.resolve([]),
    async rest() {
      const pendingJobs = await pending();
      const counts: Record<string, number> = pendingJobs ? { waiting: pendingJobs.length } : {};
      return { counts, pendingJobs, parkedJobs: undefined, balances: undefined };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
