import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { shortPath } from '../report/run-report.ts';
import { RUN_FILES } from '../runner/run-directory.ts';
import { writeReportOf } from '../runner/report-file.ts';
import { findRoot } from './root.ts';
import { pathOfRun } from './run-path.ts';
import { print, type Terminal } from './terminal.ts';

/** The options of `report`. */
export interface ReportFlags {
  readonly output?: string;
}

/**
 * `understudy report`: writes the report of one run, or of several on one time axis, and prints where.
 * @returns the exit status
 * @throws {HistoryUnreadable} @throws {HistoryMalformed} @throws {UsageError}
 */
export async function reportCommand(
  given: readonly string[],
  { output }: ReportFlags,
  terminal: Terminal,
): Promise<number> {
  const { cwd } = terminal;
  const paths = given.map((each) => pathOfRun(each, findRoot(cwd), cwd));
  const path = output === undefined ? besideTheFirst(paths) : resolve(cwd, output);
  await writeReportOf(path, paths);
  print(terminal, [shortPath(path, cwd)]);
  return 0;
}

/** A comparison gets a file of its own, so that the run keeps its report. */
function besideTheFirst([first = '.', ...others]: readonly string[]): string {
  const directory = existsSync(join(first, RUN_FILES.history)) ? first : dirname(first);
  return join(directory, others.length > 0 ? RUN_FILES.comparison : RUN_FILES.report);
}
