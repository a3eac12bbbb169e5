/** What an error carries besides its message. */
export interface UnderstudyErrorOptions {
  /** The error beneath, if there is one. */
  cause?: unknown;
  /** Facts for a log line: never secrets. */
  context?: Readonly<Record<string, unknown>>;
}

/**
 * The base of every error this project throws on purpose. A subclass fixes `code`, which programs
 * compare, and `retriable`: whether the same call may succeed later without anybody changing
 * anything. Its message says what happened, why, and what to do next.
 */
export abstract class UnderstudyError extends Error {
  abstract readonly code: string;
  abstract readonly retriable: boolean;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(message: string, options: UnderstudyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.context = options.context ?? {};
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // An AggregateError of a refused connection has an empty message of its own.
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error.message;
}
