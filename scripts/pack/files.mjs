import { globSync } from 'node:fs';

/** Folders that no package is used by: what tests, generates or belongs to others. */
const APART = new Set(['node_modules', 'test', 'fixtures', 'scripts']);
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
    exclude: ({ name }) => APART.has(name),
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
