// `npm run bench`: measures, prints one table, and keeps what was measured in bench/results.json.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { messageOf, systemClock } from '@understudy/runtime';
import { helpText, readArguments, type Request } from './arguments.ts';
import { endChildren } from './children.ts';
import { removeDirectories } from './directories.ts';
import { redisServerPath } from './fleet/servers.ts';
import { loadNow, type Machine, machineOf } from './machine.ts';
import type { Measurement } from './measurement.ts';
import { isShort, type Options } from './options.ts';
import {
  exitStatus,
  failedRow,
  mergeRows,
  readRows,
  type Row,
  rowOf,
  writeRows,
} from './results.ts';
import { MEASUREMENTS } from './rows/index.ts';
import { tableMarkdown, tableText } from './table.ts';

const RESULTS = fileURLToPath(new URL('../../bench/results.json', import.meta.url));
const WIDTH = 160;
const EX_USAGE = 64;
const EX_UNAVAILABLE = 69;
const INTERRUPTED = 130;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function measureRow(row: Measurement, options: Options, machine: Machine): Promise<Row> {
  say(`— ${row.name}: ${row.what}`);
  const loadBefore = loadNow();
  const startedMs = systemClock.monotonicMs();
  const measuredAt = new Date(systemClock.wallMs()).toISOString();
  const circumstances = (): Parameters<typeof failedRow>[2] => ({
    ...{ measuredAt, loadBefore, machine },
    tookSeconds: Math.round((systemClock.monotonicMs() - startedMs) / 100) / 10,
  });
  try {
    const measured = await row.measure({ options, progress: (line) => say(`  ${line}`) });
    return rowOf(row, measured, circumstances(), isShort(options));
  } catch (error) {
    say(`${row.name} could not be measured: ${messageOf(error)}`);
    return failedRow(row, messageOf(error).split('\n')[0] ?? '', circumstances());
  }
}

/** Measures one row after the other, and keeps each as soon as it is there. */
async function measureRows({ rows: names, options, results = RESULTS }: Request): Promise<Row[]> {
  const machine = machineOf(redisServerPath());
  const order = MEASUREMENTS.map(({ name }) => name);
  const rows: Row[] = [];
  for (const row of MEASUREMENTS) {
    if (!names.includes(row.name)) continue;
    const measured = await measureRow(row, options, machine);
    rows.push(measured);
    writeRows(results, mergeRows(readRows(results), [measured], order));
  }
  return rows;
}

async function main(args: readonly string[]): Promise<number> {
  const read = readArguments(args, MEASUREMENTS);
  if ('help' in read) {
    process.stdout.write(helpText(MEASUREMENTS));
    return 0;
  }
  if ('wrong' in read) {
    say(`bench: ${read.wrong}\n\n${helpText(MEASUREMENTS)}`);
    return EX_USAGE;
  }
  const { request } = read;
  const rows = request.print
    ? readRows(request.results ?? RESULTS).filter(({ name }) => request.rows.includes(name))
    : await measureRows(request);
  const width = process.stdout.columns ?? WIDTH;
  process.stdout.write(request.markdown ? tableMarkdown(rows) : tableText(rows, width));
  return exitStatus(rows);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(INTERRUPTED));
}
process.once('exit', () => {
  endChildren();
  removeDirectories();
});
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  say(`bench: ${messageOf(error)}`);
  process.exitCode = EX_UNAVAILABLE;
}
