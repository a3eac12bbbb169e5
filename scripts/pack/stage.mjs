import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesOf } from './files.mjs';
import { packedManifest } from './manifest.mjs';

/** A link to a file above the package; `$1` is its text. */
const LINK_OUT = /\[([^\]]+)\]\(\.\.\/[^)]*\)/g;

/**
 * Puts beside the compiled files of one package whatever else its tarball holds.
 * @param {string} root
 * @param {import('./workspaces.mjs').Workspace} workspace
 * @param {readonly import('./workspaces.mjs').Workspace[]} packages all that are packed
 * @param {string} staging
 */
export function stage(root, { folder, manifest }, packages, staging) {
  const versions = new Map(packages.map((each) => [each.manifest.name, each.manifest.version]));
  const target = join(staging, folder);
  for (const path of filesOf(root, folder).assets) {
    mkdirSync(dirname(join(staging, path)), { recursive: true });
    // Follows links: the payments are one.
    copyFileSync(join(root, path), join(staging, path));
  }
  const readme = join(target, 'README.md');
  writeFileSync(readme, readFileSync(readme, 'utf8').replace(LINK_OUT, '$1'));
  copyFileSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
  writeFileSync(
    join(target, 'package.json'),
    `${JSON.stringify(packedManifest(manifest, versions), null, 2)}\n`,
  );
}
