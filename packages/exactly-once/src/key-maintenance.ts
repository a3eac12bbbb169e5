import type { Script, ScriptArgument } from '@understudy/redis';
import type { KeyMaintenance } from './ledger.ts';
import type { LedgerScripts } from './scripts.ts';

/** Where maintenance is done. */
interface Place {
  readonly scripts: Pick<LedgerScripts, 'rotateKeys' | 'forgetProducers' | 'trimEffects'>;
  readonly kept: readonly string[];
  readonly effects: readonly string[];
}

/** What may go. */
interface Bounds {
  /** Enqueue time (ms since 1970) of the oldest job that may still be delivered; `null` for none. */
  readonly oldestMs: number | null;
  readonly windowMs: number;
  readonly capacity: number;
  readonly effectsKeptMs: number | undefined;
}

type Run = (
  script: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
) => Promise<unknown>;

/** Buckets or pages that are deleted at once: a few ms. */
const MOST_DELETED = 1000;
/** A fleet that does a thousand jobs a second has sixty thousand from one upkeep to the next. */
const MOST_TRIMMED = 100_000;

/**
 * Lets go of what no job can need any more (C2), a part with each call of a script, so that commits
 * get in between. Whoever is stopped in the middle leaves the rest to the next who is called.
 */
export async function maintainKeys(
  place: Place,
  bounds: Bounds,
  run: Run,
): Promise<KeyMaintenance> {
  const { scripts, effects } = place;
  const rotation = await rotate(place, bounds, run);
  const keys = await forgetProducers(place, bounds, run);
  if (bounds.effectsKeptMs !== undefined) {
    await run(scripts.trimEffects, effects, [bounds.effectsKeptMs, MOST_TRIMMED]);
  }
  return { ...rotation, keys };
}

async function rotate(
  { scripts, kept }: Place,
  { oldestMs, windowMs, capacity }: Bounds,
  run: Run,
) {
  const args = [oldestMs ?? '', windowMs, capacity, MOST_DELETED];
  const sum = { dropped: 0, rotated: false };
  for (;;) {
    const reply = await run(scripts.rotateKeys, kept, args);
    const [dropped, rotated, left] = reply as [number, number, number];
    sum.dropped += dropped;
    sum.rotated ||= rotated === 1;
    if (left === 0) return sum;
  }
}

async function forgetProducers(
  { scripts, kept }: Place,
  { oldestMs, windowMs }: Bounds,
  run: Run,
): Promise<number> {
  for (;;) {
    const reply = await run(scripts.forgetProducers, kept, [
      oldestMs ?? '',
      windowMs,
      MOST_DELETED,
    ]);
    const [keys, more] = reply as [number, number];
    if (more === 0) return keys;
  }
}
