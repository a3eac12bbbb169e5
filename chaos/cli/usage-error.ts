import { RequestRefused } from '../errors.ts';

/**
 * Thrown when the command line asks for something that does not exist or is out of range. The
 * message says what was given and what is allowed; the program exits with 64.
 */
export class UsageError extends RequestRefused {
  readonly code = 'USAGE';
}
