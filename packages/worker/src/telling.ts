import { messageOf } from '@understudy/runtime';

/** Takes errors that are waited out: a warning `message` with what each says. */
export function telling(
  log: { warn(fields: object, message: string): void },
  message: string,
): (error: unknown) => void {
  return (error) => log.warn({ reason: messageOf(error) }, message);
}
