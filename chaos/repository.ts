import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ABOVE = new URL('..', import.meta.url);

/**
 * The repository that this lab is part of; undefined where it was installed as a package. There is
 * no `scripts/setup.mjs` beside it then, and no fleet of containers.
 * @param above the folder above the lab's own
 */
export function repository(above: URL = ABOVE): string | undefined {
  if (!existsSync(new URL('scripts/setup.mjs', above))) return undefined;
  return fileURLToPath(above).replace(/\/$/, '');
}

/** The half of an advice that holds here: in the repository, or where the lab is a package. */
export function adviceHere(inRepository: string, asPackage: string): string {
  return repository() === undefined ? asPackage : inRepository;
}
