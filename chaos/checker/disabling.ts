import type { FaultOperation } from '@understudy/history';

/**
 * Faults that leave a node able to work: slower, with another idea of the time, or after a
 * reconnect. Nobody has to take over from it, and when somebody does it is no more than allowed.
 */
const WORKS_ON: ReadonlySet<string> = new Set(['clock-skew', 'latency', 'bandwidth', 'reset']);

/** Whether a fault on a node takes away what it did, so that another must take over. */
export function disables({ fault }: FaultOperation): boolean {
  return !WORKS_ON.has(fault);
}
