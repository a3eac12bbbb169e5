import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { RUN_FILES, runsDirectory } from '../runner/run-directory.ts';
import { unknownName } from './nearest.ts';
import { UsageError } from './usage-error.ts';

/**
 * The path of a run that is called by its name, or by the path of its directory or of one of its files.
 * @throws {UsageError} where there is nothing of that name, with the runs that there are
 */
export function pathOfRun(given: string, root: string, cwd: string): string {
  const named = join(runsDirectory(root), given);
  if (basename(given) === given && existsSync(named)) return named;
  const path = resolve(cwd, given);
  if (existsSync(path)) return path;
  throw new UsageError(unknownRun(given, root));
}

const RUNS_NAMED = 10;

function unknownRun(given: string, root: string): string {
  const directory = runsDirectory(root);
  const names = existsSync(directory) ? readdirSync(directory) : [];
  const runs = names.filter((name) => existsSync(join(directory, name, RUN_FILES.schedule)));
  const latest = runs.sort().slice(-RUNS_NAMED);
  return `${unknownName('run', given, latest)} Runs are kept in ${directory}.`;
}
