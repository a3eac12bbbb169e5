import type { OperationBody } from '@understudy/history';

/** An entry of a stream as Redis gives it: id, and fields and values in turn. */
export type StreamEntry = readonly [id: string, fields: readonly string[]];

type EffectBody = Extract<OperationBody, { op: 'effect' }>;

/**
 * The `effect` operation of an entry. What the worker did not write is left out; an entry without
 * `job` is marked, because it may be of any job.
 * @param position its ordinal in ledger order, from 1
 */
export function effectOf(
  [id, fields]: StreamEntry,
  position: number,
  source: 'live' | 'final',
): EffectBody {
  const value = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) value.set(fields[i] ?? '', fields[i + 1] ?? '');
  const text = <K extends string>(name: K): { [key in K]?: string } => {
    const found = value.get(name);
    return (found === undefined || found === '' ? {} : { [name]: found }) as {
      [key in K]?: string;
    };
  };
  const whole = <K extends string>(name: K, least: number): { [key in K]?: number } => {
    const number = Number(value.get(name) ?? Number.NaN);
    const fits = Number.isSafeInteger(number) && number >= least;
    return (fits ? { [name]: number } : {}) as { [key in K]?: number };
  };
  const job = value.get('job');
  return {
    op: 'effect',
    type: 'ok',
    process: 'ledger',
    ...(job ? { job } : { job: `(entry ${id} names no job)`, unnamed: true }),
    node: value.get('node') || 'unknown',
    ...text('incarnation'),
    ...whole('epoch', 0),
    ...text('term'),
    position,
    id,
    ...text('key'),
    ...text('account'),
    ...whole('amountCents', Number.MIN_SAFE_INTEGER),
    source,
  };
}
