import { closest, distance } from 'fastest-levenshtein';

/** The name among `known` that `given` was probably meant to be: a part of it, else the nearest. */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const lower = given.toLowerCase();
  const part = known.find((name) => lower.length >= 3 && name.includes(lower));
  return part ?? (known.length > 0 ? closest(lower, known) : undefined);
}

/** What to say about an unknown name: the nearest known one, and all there are. */
export function unknownName(kind: string, given: string, known: readonly string[]): string {
  const suggestion = nearest(given, known);
  if (suggestion === undefined) return `unknown ${kind} ${JSON.stringify(given)}: there are none.`;
  const sure = isSlip(given.toLowerCase(), suggestion);
  const hint = sure ? `Did you mean ${suggestion}?` : `The nearest name is ${suggestion}.`;
  return `unknown ${kind} ${JSON.stringify(given)}. ${hint} There are: ${known.join(', ')}.`;
}

/** With a capital at its beginning, as commander's errors want a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Half of the letters wrong is another word, not a slip of the finger. */
function isSlip(given: string, name: string): boolean {
  return name.includes(given) || distance(given, name) <= Math.max(given.length, name.length) / 2;
}
