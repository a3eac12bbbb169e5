import { parseArgs } from 'node:util';
import { messageOf } from '@understudy/runtime';
import { FULL, type Options, QUICK } from './options.ts';

/** What the command line asks for. */
export interface Request {
  /** Names of rows, in the order of the table. */
  readonly rows: readonly string[];
  readonly options: Options;
  /** Measure nothing: print what the results file has. */
  readonly print: boolean;
  readonly markdown: boolean;
  /** Where rows are kept, instead of `bench/results.json`. */
  readonly results: string | undefined;
}

/** A row as the command line knows it. */
export interface NamedRow {
  readonly name: string;
  /** Whether it is measured when no row is named. */
  readonly byDefault: boolean;
}

/**
 * Reads the command line. A name stands for a row, or for all whose names begin with it: `takeover` is
 * `takeover-kill` and the others.
 * @returns what is asked for, `help`, or what is wrong with it
 */
export function readArguments(
  args: readonly string[],
  rows: readonly NamedRow[],
): { request: Request } | { help: true } | { wrong: string } {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean' },
        quick: { type: 'boolean' },
        print: { type: 'boolean' },
        markdown: { type: 'boolean' },
        kills: { type: 'string' },
        rounds: { type: 'string' },
        minutes: { type: 'string' },
        results: { type: 'string' },
      },
    });
  } catch (error) {
    return { wrong: messageOf(error) };
  }
  const { values, positionals } = parsed;
  if (values.help) return { help: true };
  const stranger = positionals.find((name) => !rows.some((row) => isMeant(row.name, name)));
  if (stranger !== undefined) return { wrong: `there is no row ${stranger}` };
  const counts: Record<string, number> = {};
  for (const name of ['kills', 'rounds', 'minutes'] as const) {
    if (values[name] === undefined) continue;
    const count = Number(values[name]);
    const whole = name === 'minutes' || Number.isInteger(count);
    if (!(count > 0) || !whole)
      return { wrong: `--${name} ${values[name]} is not a number above 0` };
    counts[name] = count;
  }
  const chosen = rows.filter(({ name, byDefault }) =>
    positionals.length === 0 ? byDefault : positionals.some((each) => isMeant(name, each)),
  );
  return {
    request: {
      rows: chosen.map(({ name }) => name),
      options: { ...(values.quick ? QUICK : FULL), ...counts },
      print: values.print ?? false,
      markdown: values.markdown ?? false,
      results: values.results,
    },
  };
}

function isMeant(row: string, name: string): boolean {
  return row === name || row.startsWith(`${name}-`);
}

/** The text of `--help`. */
export function helpText(rows: readonly (NamedRow & { readonly what: string })[]): string {
  const widest = Math.max(...rows.map(({ name }) => name.length));
  const line = (row: (typeof rows)[number]): string => `  ${row.name.padEnd(widest)}  ${row.what}`;
  return `usage: npm run bench [-- [row …] [options]]

Measures the rows named (\`takeover\` is all of takeover-…), or all of the table; prints the table, and
keeps what was measured in bench/results.json beside what is there of other rows.

options:
  --quick        few samples, to see that a row works; never counted as held
  --kills <n>    how often leaders are killed (${FULL.kills})
  --rounds <n>   how often each rate is measured (${FULL.rounds})
  --minutes <n>  how long false takeovers are waited for (${FULL.minutes})
  --print        measure nothing: print what bench/results.json has
  --results <f>  keep rows in another file
  --markdown     print the table for a document
  --help         this

rows of the table:
${rows
  .filter(({ byDefault }) => byDefault)
  .map(line)
  .join('\n')}

only when they are named:
${rows
  .filter(({ byDefault }) => !byDefault)
  .map(line)
  .join('\n')}

status: 0 all held, 99 one was missed, 98 one cannot count (quick, or what it needs is absent),
        70 one could not be measured, 64 usage, 69 no redis-server, 130 interrupted
`;
}
