import { UnderstudyError } from '@understudy/runtime';

/**
 * Thrown into the handler when it stages something the ledger could not hold. Fix the handler:
 * amounts are whole cents, accounts are non-empty strings, and `credit` is called before `handle`
 * returns (await what you start).
 */
export class InvalidCredit extends UnderstudyError {
  readonly code = 'INVALID_CREDIT';
  readonly retriable = false;

  constructor(job: string, why: string) {
    super(`job ${JSON.stringify(job)} staged a credit that cannot be committed: ${why}`, {
      context: { job },
    });
  }
}

/**
 * Thrown when the settings of a node are wrong; names every fault at once. Correct the
 * environment variables it names.
 */
export class InvalidSettings extends UnderstudyError {
  readonly code = 'INVALID_SETTINGS';
  readonly retriable = false;
}

/**
 * The worker stopped because its group is led: a leader has minted epochs there, so commits of a
 * leaderless mode are refused. Give this fleet a group of its own, or run it active-passive.
 */
export class ModeMismatch extends UnderstudyError {
  readonly code = 'MODE_MISMATCH';
  readonly retriable = false;

  constructor(mode: string, group: string) {
    super(
      `the group "${group}" is led (epochs were minted in it), so its ledger refuses the commits of a worker that runs ${mode}: use another group, or mode active-passive`,
      { context: { mode, group } },
    );
  }
}
