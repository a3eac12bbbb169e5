import { invariant } from './invariant.ts';

/** A source of random numbers that a seed fixes. Never use it for identifiers or secrets. */
export interface Prng {
  /** Uniform in [0, 1). */
  float(): number;
  /** Uniform among the whole numbers from `min` to `max`, both included. */
  integer(min: number, max: number): number;
  /** One of `items`, each as likely as another. Throws when there are none. */
  pick<T>(items: readonly T[]): T;
  /** An independent source named `label`: drawing from it does not disturb this one. */
  fork(label: string): Prng;
}

/**
 * A generator fixed by `seed`: sfc32 (Chris Doty-Humphrey, PractRand), its state filled by the
 * string hash xmur3. The same seed gives the same numbers on every machine.
 */
export function seededPrng(seed: number | string): Prng {
  const float = sfc32(String(seed));
  return {
    float,
    integer(min, max) {
      invariant(Number.isSafeInteger(min) && Number.isSafeInteger(max) && min <= max, 'a range');
      return min + Math.floor(float() * (max - min + 1));
    },
    pick(items) {
      invariant(items.length > 0, 'pick() needs at least one item');
      return items[Math.floor(float() * items.length)] as (typeof items)[number];
    },
    fork: (label) => seededPrng(`${seed}/${label}`),
  };
}

/** Fills 32-bit words from a string; successive calls give successive words. */
function xmur3(text: string): () => number {
  let h = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
    h = (h << 13) | (h >>> 19);
  }
  return () => {
    h = Math.imul(h ^ (h >>> 16), 2246822507);
    h = Math.imul(h ^ (h >>> 13), 3266489909);
    h ^= h >>> 16;
    return h >>> 0;
  };
}

function sfc32(seed: string): () => number {
  const word = xmur3(seed);
  let [a, b, c, counter] = [word(), word(), word(), 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 12; i++) next();
  return next;
}
