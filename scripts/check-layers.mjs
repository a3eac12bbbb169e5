// `npm run layers [directory]`: who imports whom, by the rules of .dependency-cruiser.js. It also
// fails when a source file was not looked at: with a TypeScript it does not support,
// dependency-cruiser looks at nothing and finds everything in order.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDERS = ['packages', 'services', 'chaos', 'dashboards', 'examples', 'test'];
const repository = dirname(dirname(fileURLToPath(import.meta.url)));
const root = resolve(process.argv[2] ?? repository);

const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
const expected = folders.flatMap(sourceFiles);
if (expected.length === 0) throw new Error(`there are no source files in ${root}`);
const { modules, summary } = cruise(folders);
const seen = new Set(modules.map(({ source }) => source));
const missed = expected.filter((file) => !seen.has(file));

for (const { from, to, rule } of summary.violations) {
  process.stderr.write(`${from}\n  imports ${to}\n  against ${rule.name}: ${reason(rule.name)}\n`);
}
for (const file of missed) process.stderr.write(`${file}\n  was not looked at\n`);
process.stdout.write(
  `${expected.length - missed.length} of ${expected.length} source files looked at, ` +
    `${summary.totalDependenciesCruised} imports, ${summary.violations.length} against the rules\n`,
);
if (missed.length > 0 || summary.violations.length > 0) process.exitCode = 1;

function cruise(targets) {
  const bin = join(repository, 'node_modules', '.bin');
  const config = join(repository, '.dependency-cruiser.js');
  const done = spawnSync(
    join(bin, 'node'),
    [join(bin, 'depcruise'), '--config', config, '--output-type', 'json', ...targets],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (done.error) throw done.error;
  try {
    return JSON.parse(done.stdout);
  } catch {
    throw new Error(`dependency-cruiser gave no result:\n${done.stdout}${done.stderr}`);
  }
}

function reason(name) {
  return summary.ruleSetUsed.forbidden.find((rule) => rule.name === name)?.comment ?? '';
}

/** The TypeScript files below `folder`, relative to `root`, with `/` between names. */
function sourceFiles(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules' && !name.startsWith('.'))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) return sourceFiles(path);
      return /\.ts$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
    });
}
