/**
 * Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
 * 2002): finds a small part of `items` that still reproduces what the whole does. Yields the
 * candidates one by one, and is told by `next(reproduces)` whether each does; no candidate is
 * yielded twice, and neither is the whole, which is taken to reproduce. Returns a part of which no
 * single item can be left out, if the answers can be relied upon. The order of the items stays.
 *
 * The empty part comes first: what needs no item at all is the commonest surprise.
 */
export function* ddmin<T>(items: readonly T[]): Generator<readonly T[], readonly T[], boolean> {
  const answers = new Map<string, boolean>();
  let current = items.map((_, index) => index);
  answers.set(current.join(), true);
  const part = (indexes: readonly number[]): readonly T[] =>
    indexes.map((index) => items[index] as T);

  function* reproduces(indexes: readonly number[]): Generator<readonly T[], boolean, boolean> {
    const known = answers.get(indexes.join());
    if (known !== undefined) return known;
    const answer = yield part(indexes);
    answers.set(indexes.join(), answer);
    return answer;
  }

  if (yield* reproduces([])) return [];
  let chunks = 2;
  while (current.length > 1) {
    const found = yield* smaller(current, Math.min(chunks, current.length), reproduces);
    if (found) {
      current = found.indexes;
      chunks = found.chunks;
    } else if (chunks >= current.length) {
      break;
    } else {
      chunks = Math.min(current.length, chunks * 2);
    }
  }
  return part(current);
}

interface Smaller {
  readonly indexes: number[];
  /** Into how many chunks to cut next. */
  readonly chunks: number;
}

/** A chunk that reproduces by itself, else what is left without one of them, if that does. */
function* smaller<Y>(
  current: readonly number[],
  chunks: number,
  reproduces: (indexes: readonly number[]) => Generator<Y, boolean, boolean>,
): Generator<Y, Smaller | undefined, boolean> {
  const bounds = Array.from({ length: chunks + 1 }, (_, i) =>
    Math.round((i * current.length) / chunks),
  );
  const pieces = bounds.slice(1).map((end, i) => current.slice(bounds[i], end));
  for (const piece of pieces) {
    if (yield* reproduces(piece)) return { indexes: piece, chunks: 2 };
  }
  for (const piece of pieces) {
    const rest = current.filter((index) => !piece.includes(index));
    if (yield* reproduces(rest)) return { indexes: rest, chunks: Math.max(2, chunks - 1) };
  }
  return undefined;
}
