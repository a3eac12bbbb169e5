import { z } from 'zod';
import { SystemUnusable } from '../errors.ts';
import { mistakesIn } from './foreign-worker.ts';
import type { SystemEffect } from './system.ts';

/** An effect as a read gave it, and what it is known by in the next. */
export interface SeenEffect {
  /** Its position and job where there are positions, else the how-manieth effect of its job it is. */
  readonly identity: string;
  readonly effect: SystemEffect;
  /** Whether it names no job. */
  readonly unnamed: boolean;
}

/** A sink has null where nothing was said. */
function optional<T extends z.ZodType>(schema: T): z.ZodType<z.infer<T> | undefined> {
  return z.preprocess((value) => value ?? undefined, schema.optional());
}

const form = z.object({
  job: optional(z.string()),
  node: optional(z.string().min(1)),
  position: optional(z.int().positive()),
  key: optional(z.string()),
  epoch: optional(z.int().nonnegative()),
  term: optional(z.string().min(1)),
  amountCents: optional(z.int()),
});

const FAULTS_SHOWN = 5;

/**
 * Gives each effect of a read what it is known by. Without positions the effects of a job are
 * counted: of two alike one cannot tell which is which, and need not.
 * @throws {SystemUnusable} when one is not of the form, naming the first few
 */
export function identify(effects: readonly unknown[]): readonly SeenEffect[] {
  const faults: string[] = [];
  const counts = new Map<string, number>();
  const found = effects.flatMap((given, index): SeenEffect[] => {
    const parsed = form.safeParse(given);
    if (!parsed.success) {
      faults.push(
        ...mistakesIn(parsed.error).map(
          (text) => `  effect ${index}${text.replace(/^ {2}/, ', ')}`,
        ),
      );
      return [];
    }
    const unnamed = !parsed.data.job;
    const job = parsed.data.job || 'unnamed';
    const { position } = parsed.data;
    const nth = (counts.get(job) ?? 0) + 1;
    counts.set(job, nth);
    const identity = position === undefined ? `${nth}/${job}` : `${position}/${job}`;
    const name = unnamed ? `(effect ${identity} names no job)` : job;
    return [{ identity, effect: { ...parsed.data, job: name }, unnamed }];
  });
  if (faults.length > 0) {
    throw new SystemUnusable(
      `readEffects() returned effects that are not of the form { job, node?, position?, key?, epoch?, term?, amountCents? }:\n${faults.slice(0, FAULTS_SHOWN).join('\n')}\nA whole number that comes as text (a bigint of PostgreSQL does) is made one by Number().`,
    );
  }
  const placed = found.filter(({ effect }) => effect.position !== undefined).length;
  if (placed > 0 && placed < found.length) {
    throw new SystemUnusable(
      `readEffects() gave ${placed} of ${found.length} effects a position: give all of them one, in the order of the sink, or none`,
    );
  }
  return found;
}
