import { destination, pino, stdTimeFunctions } from 'pino';

/** Fields of a log line: names and numbers, never secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured logs: a constant message and fields. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
}

/** How much is logged; each level includes those after it. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A logger that writes one JSON object a line to standard error, so that standard output stays
 * free for what a process says to its supervisor. Writing is synchronous: the lines before a
 * crash are the ones somebody will want to read.
 * @param fields on every line: which service, node and group speaks
 */
export function createLogger(level: LogLevel, fields: LogFields): Logger {
  return pino(
    {
      level,
      base: { ...fields },
      timestamp: stdTimeFunctions.isoTime,
      // Addresses may carry a password. Whoever logs one by mistake logs this word instead.
      redact: { paths: ['url', '*.url', 'redisUrl', '*.redisUrl', 'password'], censor: '[hidden]' },
    },
    destination({ dest: 2, sync: true }),
  );
}

/** A logger that says nothing: the default where no logger was given. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
