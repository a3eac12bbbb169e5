import { join } from 'node:path';
import { unpackDistributed } from './debian.mjs';
import { wrapDockerRedis } from './docker.mjs';
import { checkVersion, locate } from './program.mjs';
import { isExecutable, say } from './run.mjs';
import { Trouble } from './trouble.mjs';

// `XINFO STREAM` tells `entries-added` since 7.0, and the lab's judge compares it with what it read.
const VERSION_NEEDED = [7, 0];
const SERVER_NAMES = ['redis-server', 'valkey-server'];

/** @type {import('./debian.mjs').Distributed} */
const DISTRIBUTED = {
  title: 'Redis',
  folder: 'redis',
  versionNeeded: VERSION_NEEDED,
  packages: SERVER_NAMES.map((name) => ({ package: name, programs: { 'redis-server': name } })),
};

/**
 * Sees to a Redis that can be started: `REDIS_SERVER`, else one on PATH, else one of our own in
 * `.understudy/bin`, made from the distribution's package or, failing that, from a container image.
 * `findRedisServer` of @understudy/redis finds by the same rule what this leaves behind.
 */
export function ensureRedis(home, env) {
  const own = join(home, 'bin', 'redis-server');
  const found = locate({ variable: 'REDIS_SERVER', names: SERVER_NAMES, own }, env);
  if (found.wrong) {
    throw new Trouble(found.wrong, [
      'set REDIS_SERVER to the path of a redis-server',
      'unset REDIS_SERVER, and setup finds or fetches one',
    ]);
  }
  if (found.path) {
    assertVersion(found.path, home, env);
    return;
  }
  const tried = [];
  for (const provide of [unpackDistributedRedis, wrapDockerRedis]) {
    const outcome = provide(home, env);
    if (outcome === 'made' && isExecutable(own)) {
      assertVersion(own, home, env);
      return;
    }
    say(outcome.split('\n')[0].replace(/:$/, ''));
    tried.push(outcome);
  }
  throw new Trouble(
    `no Redis server to run:\n${['none on PATH (redis-server, valkey-server)', ...tried].map((line) => `  ${line}`).join('\n')}`,
    waysOut(),
  );
}

function unpackDistributedRedis(home, env) {
  return unpackDistributed(DISTRIBUTED, home, env);
}

function assertVersion(path, home, env) {
  const expected = { key: 'redis', pattern: /\bv=(\d+)\.(\d+)/, needed: VERSION_NEEDED };
  const { failed, tooOld } = checkVersion(path, expected, join(home, 'setup.json'), env);
  if (failed !== undefined) throw new Trouble(`${path} does not run:\n${failed}`, waysOut());
  if (tooOld === undefined) return;
  throw new Trouble(
    `${path} is Redis ${tooOld}; Understudy needs ${VERSION_NEEDED.join('.')} or later`,
    ['set REDIS_SERVER to the path of a newer one', ...waysOut()],
  );
}

function waysOut() {
  const always = ['set REDIS_SERVER to the path of a redis-server or valkey-server'];
  if (process.platform === 'darwin') {
    return ['brew install redis', 'start Docker Desktop', ...always];
  }
  if (process.platform === 'win32') {
    return ['use WSL 2 (`wsl --install`) and run the same command there'];
  }
  return [
    'Debian, Ubuntu: sudo apt-get install redis-server',
    'Fedora, RHEL: sudo dnf install valkey (or redis)',
    'start Docker, so that `docker info` answers for this user',
    ...always,
  ];
}
