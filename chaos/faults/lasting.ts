import { z } from 'zod';
import { durationParameter } from './restart.ts';

/** Parameters of the faults that last for a while and are then taken back. */
export interface Lasts {
  readonly forMs: number;
}

/** `{ for }` as written → `{ forMs }`. */
export function lastsParameters(defaultMs: number): z.ZodType<Lasts> {
  return z
    .strictObject({ for: durationParameter(defaultMs) })
    .transform((written) => ({ forMs: written.for }));
}
