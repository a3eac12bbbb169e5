import { UnderstudyError } from '@understudy/runtime';

/**
 * Thrown when a commit was rejected, timed out or could not be sent: it may or may not be applied
 * (C3). Ask again with the same key, see `commitUntilKnown`.
 */
export class CommitUnknown extends UnderstudyError {
  readonly code = 'COMMIT_UNKNOWN';
  readonly retriable = true;
}

/**
 * Thrown when the ledger's store did not answer a reading, a mint or maintenance. All of these may
 * be asked again as they are.
 */
export class LedgerUnavailable extends UnderstudyError {
  readonly code = 'LEDGER_UNAVAILABLE';
  readonly retriable = true;
}

/** Thrown when a commit request could never be applied: correct the caller. Nothing was sent. */
export class InvalidCommit extends UnderstudyError {
  readonly code = 'INVALID_COMMIT';
  readonly retriable = false;
}
