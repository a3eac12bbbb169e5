#!/usr/bin/env node
// Makes a fresh clone ready to run: the packages of package-lock.json with the Node they bring, and a
// Redis server; with `--with <part>` a Prometheus, a Chromium, a PostgreSQL, a RabbitMQ or Python's redis
// package as well, where they can be had. `npm start` and `npm test` run it first. Plain JavaScript without
// dependencies, because it runs before anything is installed, on whatever Node (20 or later) the machine
// has.
// Silent when there is nothing to do; what it does otherwise it says on standard error.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './setup/chromium.mjs';
import { ensurePackages } from './setup/packages.mjs';
import { ensurePostgresql } from './setup/postgresql.mjs';
import { ensurePrometheus } from './setup/prometheus.mjs';
import { ensurePythonRedis } from './setup/python-redis.mjs';
import { ensureRabbitmq } from './setup/rabbitmq.mjs';
import { ensureRedis } from './setup/redis.mjs';
import { EXIT_ENVIRONMENT, Trouble } from './setup/trouble.mjs';

const NODE_MAJOR_NEEDED = 20;

/** What `--with` adds, by name. */
const PARTS = {
  chromium: ensureChromium,
  prometheus: ensurePrometheus,
  postgresql: ensurePostgresql,
  'python-redis': ensurePythonRedis,
  rabbitmq: ensureRabbitmq,
};

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

/** The parts that the command line asks for: `--with <part>`, any number of times. */
function partsWanted(args) {
  const names = args.filter((_, index) => args[index - 1] === '--with');
  const stray = args.find((arg, index) => arg !== '--with' && args[index - 1] !== '--with');
  const unknown = stray ?? names.find((name) => !(name in PARTS));
  if (unknown === undefined && args.at(-1) !== '--with') return names.map((name) => PARTS[name]);
  throw new Trouble(
    unknown === undefined ? '`--with` needs the name of a part' : `there is no part ${unknown}`,
    [`give --with one of: ${Object.keys(PARTS).join(', ')}`],
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
  const home = join(root, '.understudy');
  assertNode();
  const parts = partsWanted(process.argv.slice(2));
  ensurePackages(root, process.env);
  ensureRedis(home, process.env);
  for (const ensurePart of parts) ensurePart(home, process.env);
} catch (error) {
  process.stderr.write(asTrouble(error).report());
  process.exitCode = EXIT_ENVIRONMENT;
}
