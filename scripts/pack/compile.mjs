import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from './files.mjs';

/**
 * Compiles the sources of `packages` in one go, each file to one of the same name and place below
 * `staging`: what a file finds relative to itself, it finds there too.
 * @param {string} root
 * @param {readonly import('./workspaces.mjs').Workspace[]} packages
 * @param {string} staging
 * @returns {boolean} whether it could be done; what is wrong is on standard error
 */
export function compile(root, packages, staging) {
  const config = join(staging, 'tsconfig.json');
  const sources = packages.flatMap(({ folder }) => filesOf(root, folder).sources);
  writeFileSync(
    config,
    JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: false,
        // What `npm run types` finds it finds without this; here it would take most of the time.
        noCheck: true,
        noEmitOnError: true,
        declaration: true,
        rewriteRelativeImportExtensions: true,
        rootDir: root,
        outDir: staging,
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      include: [],
      files: sources.map((path) => join(root, path)),
    }),
  );
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const done = spawnSync(process.execPath, [tsc, '-p', config], { stdio: ['ignore', 2, 2] });
  if (done.error) throw done.error;
  return done.status === 0;
}
