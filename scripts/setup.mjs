#!/usr/bin/env node
// Makes a fresh clone ready to run: the packages of package-lock.json with the Node they bring, and a
// Redis server. `npm start` and `npm test` run it first. Plain JavaScript without dependencies,
// because it runs before anything is installed, on whatever Node (20 or later) the machine has.
// Silent when there is nothing to do; what it does otherwise it says on standard error.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './setup/packages.mjs';
import { ensureRedis } from './setup/redis.mjs';
import { EXIT_ENVIRONMENT, Trouble } from './setup/trouble.mjs';

const NODE_MAJOR_NEEDED = 20;

function assertNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_MAJOR_NEEDED) return;
  throw new Trouble(
    `this is Node ${process.versions.node}, and setting up needs Node ${NODE_MAJOR_NEEDED} or later`,
    [
      `install Node ${NODE_MAJOR_NEEDED} or later (https://nodejs.org) and run the same command again`,
    ],
  );
}

/** The machine's own refusals (no space, no permission) are trouble too; anything else is a bug. */
function asTrouble(error) {
  if (error instanceof Trouble) return error;
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'ENOENT'].includes(error?.code)) throw error;
  return new Trouble(error.message, [
    'see that this directory belongs to you and has space left (`ls -ld . .understudy`, `df -h .`), then run the same command again',
  ]);
}

try {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  assertNode();
  ensurePackages(root, process.env);
  ensureRedis(root, join(root, '.understudy'), process.env);
} catch (error) {
  process.stderr.write(asTrouble(error).report());
  process.exitCode = EXIT_ENVIRONMENT;
}
