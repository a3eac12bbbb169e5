import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The directory whose `.understudy` holds the runs: the nearest one from `cwd` upwards that has
 * such a folder; where there is none, the repository this command comes from.
 */
export function findRoot(cwd: string): string {
  let directory = cwd;
  for (;;) {
    if (existsSync(join(directory, '.understudy'))) return directory;
    const parent = dirname(directory);
    if (parent === directory) return REPOSITORY.replace(/\/$/, '');
    directory = parent;
  }
}
