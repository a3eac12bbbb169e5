import type { Clock } from './clock.ts';

/** What takes a line of a log: its fields, and its constant message. */
export type TakeLine = (fields: Readonly<Record<string, unknown>>, message: string) => void;

interface Told {
  readonly atMs: number;
  /** How often the same was said since, and kept back. */
  keptBack: number;
}

/** How long the same line is kept back, in ms. */
const AGAIN_AFTER_MS = 10_000;
/** Of so many lines it is known when they were told last. */
const MOST_REMEMBERED = 100;

/**
 * `take`, but a line that repeats itself, field by field, gets there at once and then every ten seconds,
 * with how often it was kept back in between (`repeats`). Whatever is tried again until it works, as
 * everything that waits for a Redis is, would else fill a log with one line.
 */
export function unrepeated(take: TakeLine, clock: Clock): TakeLine {
  const told = new Map<string, Told>();
  return (fields, message) => {
    const line = JSON.stringify([message, fields]);
    const before = told.get(line);
    const nowMs = clock.monotonicMs();
    if (before && nowMs - before.atMs < AGAIN_AFTER_MS) {
      before.keptBack += 1;
      return;
    }
    // Who is told now goes to the end, so that the first is who was told longest ago.
    told.delete(line);
    told.set(line, { atMs: nowMs, keptBack: 0 });
    const [oldest] = told.keys();
    if (told.size > MOST_REMEMBERED && oldest !== undefined) told.delete(oldest);
    take(before?.keptBack ? { ...fields, repeats: before.keptBack } : fields, message);
  };
}
