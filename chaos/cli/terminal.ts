import type { Page } from '../report/layout.ts';
import { paintFor } from '../report/paint.ts';

/** A stream to a person or a file. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number };

/** Where the command line writes, and what it knows of where it runs. */
export interface Terminal {
  /** What a person answers; absent: nobody can. */
  readonly stdin?: NodeJS.ReadableStream;
  /** Reports and JSON documents. */
  readonly stdout: Output;
  /** Progress and errors. */
  readonly stderr: Output;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * This process's own. Where a reader goes away (`understudy run --help | head`), the rest is not written,
 * and a run goes on to its end: what it started is ended, and its directory has everything.
 */
export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  for (const output of [stdout, stderr]) {
    output.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  return { stdin, stdout, stderr, cwd: process.cwd(), environment: env };
}

const COLUMNS = 80;
const NARROWEST_COLUMNS = 40;

/** The page that `output` is: as wide as the terminal; elsewhere `COLUMNS`, or 80. */
export function pageOf(output: Output, environment: Terminal['environment']): Page {
  const given = output.columns ?? Number(environment.COLUMNS);
  const columns = Number.isFinite(given) && given > 0 ? given : COLUMNS;
  return { columns: Math.max(NARROWEST_COLUMNS, columns), paint: paintFor(output) };
}

/** Writes lines of a report to standard output. */
export function print(terminal: Terminal, lines: readonly string[]): void {
  terminal.stdout.write(`${lines.join('\n')}\n`);
}

/** Writes one JSON document to standard output. */
export function printJson(terminal: Terminal, document: unknown): void {
  terminal.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** Whether something can be repainted in place there. */
export function canRepaint(output: Output, environment: Terminal['environment']): boolean {
  return output.isTTY === true && environment.TERM !== 'dumb';
}
