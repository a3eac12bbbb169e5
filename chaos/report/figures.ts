const MINUS = '-';

/** A duration for people: `38 ms`, `2.13 s`, `1 min 12 s`. */
export function formatMs(durationMs: number): string {
  if (durationMs < 0) return MINUS + formatMs(-durationMs);
  if (durationMs < 10 && !Number.isInteger(durationMs)) return `${durationMs.toFixed(1)} ms`;
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  if (durationMs % 100 === 0 && durationMs < 60_000) return `${durationMs / 1000} s`;
  if (durationMs < 59_995) return `${(durationMs / 1000).toFixed(2)} s`;
  const seconds = Math.round(durationMs / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A moment of a run, as seconds since it began: `2.1 s`. */
export function formatMoment(atMs: number): string {
  return `${(atMs / 1000).toFixed(1)} s`;
}

/** A count with thousands apart: `5,000`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count and its noun: `1 job`, `3 jobs`; an irregular plural is given. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : plural}`;
}

/** Cents as an amount without a currency: `-12.05`. */
export function formatCents(cents: number): string {
  const sign = cents < 0 ? MINUS : '';
  const whole = Math.floor(Math.abs(cents) / 100);
  return `${sign}${formatCount(whole)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`;
}

/** Names as a sentence lists them: `node-1, node-2 and node-3`. */
export function listed(names: readonly string[], conjunction = 'and'): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} ${conjunction} ${names.at(-1)}`;
}

/** The first `limit` names, and how many more there are: `p-1, p-2, p-3 and 7 more`. */
export function firstFew(names: readonly string[], total = names.length, limit = 5): string {
  const shown = names.slice(0, limit);
  const more = total - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${formatCount(more)} more` : listed(shown);
}
