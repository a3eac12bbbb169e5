import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Finds a Prometheus: `PROMETHEUS`, else on PATH, else what setup put into `.understudy/bin`;
 * undefined when there is none.
 * @param root the directory that holds `.understudy`
 */
export function findPrometheus(
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (env.PROMETHEUS) return env.PROMETHEUS;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return [...folders, join(root, '.understudy', 'bin')]
    .map((folder) => join(folder, 'prometheus'))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
