import { InvalidSchedule } from '../errors.ts';

/** A span of time as people write it: `'500ms'`, `'2s'`, `'1.5s'`, `'1m'`, or milliseconds. */
export type Duration = string | number;

const FORM = /^(\d+(?:\.\d+)?)(ms|s|m)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };
const LONGEST_MS = 3_600_000;

/**
 * The milliseconds of a duration: zero or more, at most an hour.
 * @throws {InvalidSchedule} when it is not of the form
 */
export function parseDuration(duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : milliseconds(duration.trim());
  if (!Number.isFinite(ms) || ms < 0 || ms > LONGEST_MS) {
    throw new InvalidSchedule(
      `${JSON.stringify(duration)} is not a duration: write milliseconds, or a number with ms, s or m, such as "500ms" or "2s", an hour at most`,
    );
  }
  return ms;
}

function milliseconds(text: string): number {
  const [, amount, unit] = FORM.exec(text) ?? [];
  return Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
}
