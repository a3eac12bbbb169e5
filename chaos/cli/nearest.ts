import { closest, distance } from 'fastest-levenshtein';

/** The name among `known` that `given` was probably meant to be; none when all are far from it. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const lower = given.toLowerCase();
  const inside = known.find((name) => lower.length >= 3 && name.includes(lower));
  if (inside !== undefined) return inside;
  const candidate = closest(lower, known);
  // Half of the letters wrong is another word, not a slip of the finger.
  const allowed = Math.max(2, Math.floor(Math.max(lower.length, candidate.length) / 2));
  return distance(lower, candidate) <= allowed ? candidate : undefined;
}

/** What to say about an unknown name: the nearest known one, and all there are. */
export function unknownName(kind: string, given: string, known: readonly string[]): string {
  const suggestion = nearest(given, known);
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`;
  return `unknown ${kind} ${JSON.stringify(given)}.${hint} There ${known.length === 1 ? 'is' : 'are'}: ${known.join(', ')}`;
}
