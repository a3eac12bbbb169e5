// `npm run pack [-- --out <directory>]`: a tarball of every package that others install, with
// compiled JavaScript and types, as docs/packages.md describes. Nothing is published, and the
// packages here stay as they are: they are compiled into a folder of their own, and packed there.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compile } from './pack/compile.mjs';
import { stage } from './pack/stage.mjs';
import { publicPackages } from './pack/workspaces.mjs';

const TARBALL = /^understudy-.*\.tgz$/;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values } = parseArgs({
  options: { out: { type: 'string', default: join(root, '.understudy', 'packages') } },
});
const out = resolve(values.out);
const staging = mkdtempSync(join(tmpdir(), 'understudy-pack-'));

try {
  const packages = publicPackages(root);
  if (compile(root, packages, staging)) packAll(packages);
  else process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}

function packAll(packages) {
  for (const each of packages) stage(root, each, packages, staging);
  mkdirSync(out, { recursive: true });
  // What an earlier version left would be installed beside this one.
  for (const name of readdirSync(out)) if (TARBALL.test(name)) rmSync(join(out, name));
  for (const { filename, size, entryCount } of packed(packages)) {
    process.stdout.write(
      `${join(out, filename)}  ${Math.ceil(size / 1024)} kB, ${entryCount} files\n`,
    );
  }
}

/** Makes the tarballs; says of each what npm says of it. */
function packed(packages) {
  const folders = packages.map(({ folder }) => join(staging, folder));
  const words = ['pack', '--json', '--pack-destination', out, ...folders];
  const said = execFileSync('npm', words, { cwd: staging, encoding: 'utf8' });
  return Object.values(JSON.parse(said));
}
