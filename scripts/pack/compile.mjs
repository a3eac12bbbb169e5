import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf } from './files.mjs';

/**
 * Compiles the sources of `packages` in one go, each file to one of the same name and place below
 * `staging`: what a file finds relative to itself, it finds there too.
 * @param {string} root
 * @param {readonly import('./workspaces.mjs').Workspace[]} packages
 * @param {string} staging
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
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: ['ignore', 'inherit', 'inherit'] });
}
