import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { distributionOf } from './distribution.ts';
import type { Machine } from './machine.ts';
import type { Measured, Requirement } from './measurement.ts';

const requirementSchema = z.strictObject({ text: z.string(), held: z.boolean().nullable() });

const distributionSchema = z.strictObject({
  n: z.int().positive(),
  min: z.number(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  values: z.array(z.number()).optional(),
});

/** What is kept of a measurement whose place another has taken. */
const earlierSchema = z.strictObject({
  measuredAt: z.iso.datetime(),
  status: z.enum(['held', 'missed', 'incomplete']),
  ours: z.string(),
});

const rowSchema = z.strictObject({
  name: z.string(),
  what: z.string(),
  /**
   * `held` and `missed` are of full measurements. `short`: fewer samples than count. `incomplete`: what
   * a requirement compares with is absent. `failed`: it could not be measured.
   */
  status: z.enum(['held', 'missed', 'short', 'incomplete', 'failed']),
  ours: z.string(),
  peers: z.array(
    z.union([
      z.strictObject({ name: z.string(), figure: z.string() }),
      z.strictObject({ name: z.string(), absent: z.string() }),
    ]),
  ),
  ratio: z.string().optional(),
  n: z.int().min(0),
  required: z.array(requirementSchema),
  aims: z.array(requirementSchema),
  configuration: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  notes: z.array(z.string()),
  distributions: z.record(z.string(), distributionSchema),
  measuredAt: z.iso.datetime(),
  tookSeconds: z.number(),
  loadBefore: z.number(),
  machine: z.strictObject({
    cpu: z.string(),
    cores: z.int(),
    memoryGib: z.number(),
    kernel: z.string(),
    node: z.string(),
    redis: z.string(),
  }),
  /** Full measurements before this one, the newest first. */
  earlier: z.array(earlierSchema).optional(),
});

/** The form of `bench/results.json`. */
export const resultsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  rows: z.array(rowSchema),
});

/** A row as it is kept. */
export type Row = z.infer<typeof rowSchema>;

/** When and where a row was measured. */
export type Circumstances = Pick<Row, 'measuredAt' | 'tookSeconds' | 'loadBefore'> & {
  readonly machine: Machine;
};

/** @param short whether fewer samples were taken than what counts */
export function rowOf(
  { name, what }: { readonly name: string; readonly what: string },
  measured: Measured,
  circumstances: Circumstances,
  short: boolean,
): Row {
  const { values, aims = [], notes = [], peers, required, ...rest } = measured;
  return {
    ...{ name, what, ...rest, ...circumstances },
    status: statusOf(required, short),
    peers: [...peers],
    required: [...required],
    aims: [...aims],
    notes: [...notes],
    distributions: Object.fromEntries(
      Object.entries(values)
        .filter(([, of]) => of.length > 0)
        .map(([of, list]) => {
          const { values: raw, ...known } = distributionOf(list);
          return [of, { ...known, ...(raw ? { values: [...raw] } : {}) }];
        }),
    ),
  };
}

/** A row that could not be measured. */
export function failedRow(
  { name, what }: { readonly name: string; readonly what: string },
  why: string,
  circumstances: Circumstances,
): Row {
  return {
    ...{ name, what, ours: `not measured: ${why}`, status: 'failed', peers: [], n: 0 },
    ...{ required: [], aims: [], configuration: {}, notes: [], distributions: {} },
    ...circumstances,
  };
}

function statusOf(required: readonly Requirement[], short: boolean): Row['status'] {
  if (short) return 'short';
  if (required.some(({ held }) => held === false)) return 'missed';
  return required.some(({ held }) => held === null) ? 'incomplete' : 'held';
}

/** How many full measurements of a row are kept beside the last. */
const MOST_EARLIER = 4;

/** Short measurements and failures say nothing that could stand in the place of one that counts. */
function counts<R extends Row>(row: R): row is R & Earlier {
  return row.status !== 'short' && row.status !== 'failed';
}

type Earlier = z.infer<typeof earlierSchema>;

/** `row`, which counts, with what is known of the measurements before it. */
function withEarlier(row: Row, before: Row | undefined): Row {
  if (!before || !counts(before)) return row;
  const { measuredAt, status, ours, earlier = [] } = before;
  return { ...row, earlier: [{ measuredAt, status, ours }, ...earlier].slice(0, MOST_EARLIER) };
}

/**
 * What was measured takes the place of what was known of the same row, unless only that counts; the
 * order is that of `names`.
 */
export function mergeRows(
  known: readonly Row[],
  measured: readonly Row[],
  names: readonly string[],
): Row[] {
  const rows = new Map(known.map((row) => [row.name, row]));
  for (const row of measured) {
    const before = rows.get(row.name);
    if (counts(row)) rows.set(row.name, withEarlier(row, before));
    else if (!before || !counts(before)) rows.set(row.name, row);
  }
  return names.flatMap((name) => rows.get(name) ?? []);
}

/** The status to exit with, as the command line's: the worst row decides. */
export function exitStatus(rows: readonly Pick<Row, 'status'>[]): number {
  const seen = new Set(rows.map(({ status }) => status));
  if (seen.has('failed')) return 70;
  if (seen.has('missed')) return 99;
  return seen.has('short') || seen.has('incomplete') ? 98 : 0;
}

/**
 * The rows kept at `path`; none where there is no file.
 * @throws {TypeError} when it is not of this form
 */
export function readRows(path: string): Row[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  const parsed = resultsSchema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data.rows;
  throw new TypeError(
    `${path} is not of the form of this version: ${z.prettifyError(parsed.error)}\nMove it away, and measure again.`,
  );
}

/** Keeps rows at `path`, so that a reader sees all of it or what was there before. */
export function writeRows(path: string, rows: readonly Row[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.${process.pid}.partial`;
  const results = resultsSchema.parse({ schemaVersion: 1, rows });
  writeFileSync(partial, `${JSON.stringify(results, undefined, 2)}\n`);
  renameSync(partial, path);
}
