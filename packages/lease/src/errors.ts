import { UnderstudyError } from '@understudy/runtime';

/** Thrown by `createLease` when times contradict each other. The message names every fault. */
export class InvalidLeaseSettings extends UnderstudyError {
  readonly code = 'INVALID_LEASE_SETTINGS';
  readonly retriable = false;

  constructor(faults: readonly string[]) {
    super(`the lease cannot work with these settings: ${faults.join('; ')}`, {
      context: { faults },
    });
  }
}
