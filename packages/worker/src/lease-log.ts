import type { LeaseLogEvent } from '@understudy/lease';

/** What of a logger is needed. One without `debug` is told of trouble only. */
interface LeaseLogger {
  warn(fields: object, message: string): void;
  debug?(fields: object, message: string): void;
}

/**
 * Takes what a lease logs. Its stages are for who looks into one takeover, and there are many; the rest is
 * trouble: a lock node or the ledger does not answer, or a leader was deposed that was there.
 */
export function leaseLog(log: LeaseLogger): (event: LeaseLogEvent) => void {
  return ({ message, ...fields }) => {
    if (message === 'lease stage') log.debug?.(fields, message);
    else log.warn(fields, message);
  };
}
