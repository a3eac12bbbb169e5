import { createHash } from 'node:crypto';
import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable, run, say, saying } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';
import { Trouble } from './trouble.mjs';

const NODE_MAJOR_RUN = 24;
const EXCERPT_LINES = 6;

/**
 * Installs what package-lock.json names, when it changed since the last time or node_modules is
 * not whole, and sees to it that the Node 24 among it really runs.
 */
export function ensurePackages(root, env) {
  const stampPath = join(root, '.understudy', 'setup.json');
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installedNode = join(root, 'node_modules', '.bin', 'node');
  if (readStamp(stampPath).lock === lock && isExecutable(installedNode)) return;

  // An installation cut short must not pass for a whole one.
  addToStamp(stampPath, { lock: '' });
  saying('installing the packages of package-lock.json (npm ci)', () => installPackages(root, env));
  ensureNode(root, installedNode, env);
  addToStamp(stampPath, { lock });
}

function installPackages(root, env) {
  // The development dependencies are the point, whatever NODE_ENV or npm's settings leave out.
  const done = run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], { cwd: root, env });
  if (done.ok) return;
  const fault = /^npm (?:error|ERR!) code (\S+)/m.exec(done.errors)?.[1];
  throw new Trouble(
    `the packages could not be installed; npm ci said:\n${excerpt(done.errors)}`,
    fault === 'EUSAGE'
      ? ['run `npm install`, which brings package-lock.json in line with package.json']
      : [
          'see that this machine reaches its npm registry (`npm ping`) and has space left (`df -h .`), then run the same command again',
        ],
  );
}

/** What npm says first is the fault; what follows is advice and usage. */
function excerpt(errors) {
  const lines = errors.split('\n').filter((line) => /^npm (error|ERR!) \S/.test(line));
  return lines
    .slice(0, EXCERPT_LINES)
    .map((line) => `    ${line}`)
    .join('\n');
}

/**
 * npm's package `node` fetches its binary in an install script. package.json allows it
 * (`allowScripts`), but a setting such as `ignore-scripts` may still have kept it from running.
 */
function ensureNode(root, installedNode, env) {
  if (runsNode(installedNode, env)) return;
  const home = join(root, 'node_modules', 'node');
  say(`npm did not run the install script of Node ${NODE_MAJOR_RUN}: running it now`);
  const done = run(process.execPath, ['installArchSpecificPackage.js'], { cwd: home, env });
  // npm links no executable that was not there when it finished.
  rmSync(installedNode, { force: true });
  symlinkSync(join('..', 'node', 'bin', 'node'), installedNode);
  if (runsNode(installedNode, env)) return;
  throw new Trouble(
    `the packages are installed, but the Node ${NODE_MAJOR_RUN} among them does not run on this machine:\n${done.tail}`,
    [
      'see what `npm rebuild node` says, and run the same command again',
      `where npm has no Node for this platform (${process.platform} ${process.arch}), use a glibc Linux or macOS machine`,
    ],
  );
}

function runsNode(path, env) {
  const done = run(path, ['--version'], { env });
  return done.ok && done.output.startsWith(`v${NODE_MAJOR_RUN}.`);
}
