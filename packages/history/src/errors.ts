import { UnderstudyError } from '@understudy/runtime';

/**
 * Thrown when a history cannot be opened or read. Its `cause` is the system's error; look at the
 * path and its permissions.
 */
export class HistoryUnreadable extends UnderstudyError {
  readonly code = 'HISTORY_UNREADABLE';
  readonly retriable = false;
}

/**
 * Thrown when a line of a history is not of the form `history.schema.json` describes, other than a
 * last line that was torn off. `line` counts from 1; the message says what was expected there.
 */
export class HistoryMalformed extends UnderstudyError {
  readonly code = 'HISTORY_MALFORMED';
  readonly retriable = false;
  readonly path: string;
  readonly line: number;

  constructor(path: string, line: number, expected: string, options: { cause?: unknown } = {}) {
    super(`${path}, line ${line}: ${expected}`, { ...options, context: { path, line } });
    this.path = path;
    this.line = line;
  }
}

/**
 * Thrown by `record` and `close` once a history could not be written (no space, no permission).
 * What was written before is readable; what the lab sees from then on is not recorded, so the run
 * must end.
 */
export class HistoryUnwritable extends UnderstudyError {
  readonly code = 'HISTORY_UNWRITABLE';
  readonly retriable = false;
}
