import { globSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of no use to whoever installs a package: anywhere in it, and at its top. */
const APART = new Set(['node_modules', 'fixtures']);
const APART_ON_TOP = new Set(['test', 'scripts']);
const FOR_TESTS = /\.(test|test-support)\.ts$/;
const DECLARATION = /\.d\.ts$/;
const SOURCE = /\.ts$/;

/**
 * What of a workspace is packed, as paths from the root: `sources` are compiled, `assets` (Lua,
 * CommonJS, schemas, declarations by hand, the README) go along as they are.
 * @param {string} root
 * @param {string} folder of the workspace
 * @returns {{ sources: string[], assets: string[] }}
 */
export function filesOf(root, folder) {
  const files = globSync(`${folder}/**/*`, {
    cwd: root,
    withFileTypes: true,
    exclude: ({ name, parentPath }) =>
      APART.has(name) || (APART_ON_TOP.has(name) && parentPath === join(root, folder)),
  })
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(root.length + 1))
    .filter((path) => !FOR_TESTS.test(path) && path !== `${folder}/package.json`)
    .sort();
  const isAsset = (path) => DECLARATION.test(path) || !SOURCE.test(path);
  return {
    // Declarations by hand say what the sources need to compile.
    sources: files.filter((path) => SOURCE.test(path)),
    assets: files.filter(isAsset),
  };
}
