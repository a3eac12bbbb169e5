import { statSync } from 'node:fs';
import { join } from 'node:path';
import { unpackDistributionRedis } from './debian.mjs';
import { wrapDockerRedis } from './docker.mjs';
import { isExecutable, onPath, run, say } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';
import { Trouble } from './trouble.mjs';

// `XINFO STREAM` tells `entries-added` since 7.0, and the lab's judge compares it with what it read.
const REDIS_MAJOR_NEEDED = 7;
const SERVER_NAMES = ['redis-server', 'valkey-server'];

/**
 * Sees to a Redis that can be started: `REDIS_SERVER`, else one on PATH, else one of our own in
 * `.understudy/bin`, made from the distribution's package or, failing that, from a container image.
 * `findRedisServer` of @understudy/redis finds by the same rule what this leaves behind.
 */
export function ensureRedis(root, home, env) {
  const own = join(home, 'bin', 'redis-server');
  const found = locate(own, env);
  if (found) {
    checkVersion(found, home, env);
    return;
  }
  const tried = [];
  for (const provide of [unpackDistributionRedis, wrapDockerRedis]) {
    const outcome = provide(home, env, REDIS_MAJOR_NEEDED);
    if (outcome === 'made' && isExecutable(own)) {
      checkVersion(own, home, env);
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

function locate(own, env) {
  if (env.REDIS_SERVER) {
    // A bare name is looked up on PATH when it is started, so it is here as well.
    const path = env.REDIS_SERVER.includes('/')
      ? env.REDIS_SERVER
      : onPath([env.REDIS_SERVER], env);
    if (path && isExecutable(path)) return path;
    throw new Trouble(`REDIS_SERVER is ${env.REDIS_SERVER}, which is not an executable file`, [
      'set REDIS_SERVER to the path of a redis-server',
      'unset REDIS_SERVER, and setup finds or fetches one',
    ]);
  }
  return onPath(SERVER_NAMES, env) ?? (isExecutable(own) ? own : undefined);
}

/** Asks a server for its version, once: the stamp remembers the file that answered. */
function checkVersion(path, home, env) {
  const stampPath = join(home, 'setup.json');
  const { mtimeMs, size } = statSync(path);
  const redis = `${path} ${size} ${Math.round(mtimeMs)}`;
  if (readStamp(stampPath).redis === redis) return;

  const done = run(path, ['--version'], { env });
  const version = /\bv=(\d+)\.(\d+)/.exec(done.output);
  if (!done.ok || !version) {
    throw new Trouble(`${path} does not run:\n${done.tail}`, waysOut());
  }
  if (Number(version[1]) < REDIS_MAJOR_NEEDED) {
    throw new Trouble(
      `${path} is Redis ${version[1]}.${version[2]}; Understudy needs ${REDIS_MAJOR_NEEDED}.0 or later`,
      ['set REDIS_SERVER to the path of a newer one', ...waysOut()],
    );
  }
  addToStamp(stampPath, { redis });
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
