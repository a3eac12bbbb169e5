import { UnderstudyError } from '@understudy/runtime';

/** Thrown when a group, queue or node name could not be part of a key. Choose another name. */
export class InvalidName extends UnderstudyError {
  readonly code = 'INVALID_NAME';
  readonly retriable = false;

  constructor(kind: string, name: string) {
    super(
      `the ${kind} name ${JSON.stringify(name)} cannot be part of a Redis key: use 1 to 64 letters, digits, "_", "." or "-", starting with a letter or digit`,
      { context: { kind } },
    );
  }
}

/**
 * Thrown when a private redis-server could not be started. The message carries the end of its log
 * and what to do; `understudy doctor` looks further.
 */
export class RedisServerFailed extends UnderstudyError {
  readonly code = 'REDIS_SERVER_FAILED';
  readonly retriable = false;
}
