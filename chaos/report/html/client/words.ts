/** A moment as the axis and the cursor say it: `4.21 s`. */
export function moment(atMs: number, digits = 2): string {
  return `${(atMs / 1000).toFixed(digits)} s`;
}

/** A count with thousands apart. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A time span. */
export function span(ms: number): string {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Number((ms / 1000).toFixed(2))} s`;
}

/** Cents as an amount. */
export function amount(cents: number): string {
  const [whole = '', rest = ''] = (Math.abs(cents) / 100).toFixed(2).split('.');
  return `${cents < 0 ? '-' : ''}${count(Number(whole))}.${rest}`;
}

/** Text without characters that have an effect instead of a shape. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\u{FFFD}');
}
