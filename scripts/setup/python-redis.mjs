import { join } from 'node:path';
import { unpackDistributed } from './debian.mjs';
import { onPath, run, say } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';

/** @type {import('./debian.mjs').Distributed} */
const DISTRIBUTED = {
  title: 'redis package for Python',
  folder: 'python-redis',
  versionNeeded: [3, 5],
  packages: [{ package: 'python3-redis', programs: {} }],
  // Modules; the Python itself is the machine's.
  isNeeded: ({ name }) => name.startsWith('python3-') && name !== 'python3-minimal',
};

/** Where its modules are found when it was unpacked. */
const MODULES = join('usr', 'lib', 'python3', 'dist-packages');

/**
 * Sees to a Python with the package `redis` for the example `python-worker`: the machine's own, else
 * the distribution's package in `.understudy/python-redis`. A machine that cannot have it is no
 * trouble: what is in the way is said, and kept in the stamp as `pythonRedisMissing`.
 */
export function ensurePythonRedis(home, env) {
  const stampPath = join(home, 'setup.json');
  const outcome = provide(home, env) ?? '';
  if (outcome !== '') say(`no Python with redis; what needs it is left out: ${outcome}`);
  if ((readStamp(stampPath).pythonRedisMissing ?? '') === outcome) return;
  addToStamp(stampPath, { pythonRedisMissing: outcome });
}

/** @returns {string | undefined} why it could not be had */
function provide(home, env) {
  if (onPath(['python3'], env) === undefined) return 'there is no python3 on PATH';
  const unpacked = { ...env, PYTHONPATH: join(home, DISTRIBUTED.folder, MODULES) };
  if (imports(env) || imports(unpacked)) return undefined;
  const outcome = unpackDistributed(DISTRIBUTED, home, env);
  if (outcome !== 'made') return outcome;
  return imports(unpacked) ? undefined : 'the unpacked package cannot be imported by this python3';
}

function imports(env) {
  return run('python3', ['-c', 'import redis'], { env }).ok;
}
