import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from '../repository.ts';

/**
 * The directory whose `.understudy` holds the runs: the nearest one from `cwd` upwards that has
 * such a folder; where there is none, the repository this command comes from. Where the command is
 * an installed package: the nearest directory that is a package, else `cwd`.
 */
export function findRoot(cwd: string): string {
  return rootOf(cwd, repository());
}

/**
 * The same, of a lab that is told where it is.
 * @param home the repository; undefined where the lab is an installed package
 */
export function rootOf(cwd: string, home: string | undefined): string {
  return nearestWith('.understudy', cwd) ?? home ?? nearestWith('package.json', cwd) ?? cwd;
}

/** The nearest directory from `directory` upwards that holds `name`. */
function nearestWith(name: string, directory: string): string | undefined {
  if (existsSync(join(directory, name))) return directory;
  const parent = dirname(directory);
  return parent === directory ? undefined : nearestWith(name, parent);
}
