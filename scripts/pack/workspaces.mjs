import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a user installs by name: the lab and everything in `packages/`. */
const OFFERED = /^(chaos|packages\/[^/]+)$/;

/**
 * A workspace of the repository.
 * @typedef {{ folder: string, manifest: Record<string, any> }} Workspace `folder` from the root
 */

/**
 * The workspaces that are packed: those that are offered, and those of ours that they need to run.
 * A new package under `packages/` is among them without being listed anywhere.
 * @param {string} root
 * @returns {Workspace[]}
 */
export function publicPackages(root) {
  const all = workspaces(root);
  const byName = new Map(all.map((each) => [each.manifest.name, each]));
  const wanted = new Set(all.filter(({ folder }) => OFFERED.test(folder)));
  // A set that grows while it is gone through is gone through to its end.
  for (const { manifest } of wanted) {
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const needed = byName.get(name);
      if (needed) wanted.add(needed);
    }
  }
  return [...wanted];
}

function workspaces(root) {
  const patterns = manifestIn(root).workspaces.map((pattern) => `${pattern}/package.json`);
  return globSync(patterns, { cwd: root })
    .sort()
    .map((path) => {
      const folder = path.replace(/\/package\.json$/, '');
      return { folder, manifest: manifestIn(join(root, folder)) };
    });
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
