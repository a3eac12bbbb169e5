import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isExecutable, onPath, run, saying } from './run.mjs';
import { replaceFile } from './stamp.mjs';

const PACKAGES = ['redis-server', 'valkey-server'];

/**
 * Debian and Ubuntu: fetches the distribution's Redis and the libraries this machine lacks, and
 * unpacks them into `.understudy/redis`. Nothing is installed, no service is started, and root is
 * not needed: apt gets package lists and a cache of its own.
 * @returns {string} `made`, or why this way is closed
 */
export function unpackDistributionRedis(home, env, majorNeeded) {
  if (!onPath(['apt-get'], env) || !onPath(['dpkg-deb'], env)) {
    return 'not a Debian or Ubuntu machine (no apt-get)';
  }
  const work = join(home, 'redis.partial');
  rmSync(work, { recursive: true, force: true });
  try {
    return saying(
      "unpacking the distribution's Redis into .understudy (nothing is installed)",
      () => unpackInto(home, work, env, majorNeeded),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function unpackInto(home, work, env, majorNeeded) {
  const apt = privateApt(join(work, 'apt'), env);
  // One unreachable source among several fails the update, though Redis' own may have been read.
  const update = apt(['update']);
  const chosen = choosePackage(apt, majorNeeded);
  if (!chosen) {
    const unreached = /^[WE]: .*/m.exec(update.errors)?.[0];
    return `apt-get: no package of Redis ${majorNeeded}.0 or later from this machine's sources${unreached ? ` (${unreached})` : ''}`;
  }
  const archives = join(work, 'archives');
  mkdirSync(archives);
  const download = apt(['download', ...chosen.packages], archives);
  if (!download.ok) return `apt-get download failed:\n${download.tail}`;
  const tree = join(work, 'tree');
  for (const archive of readdirSync(archives)) {
    const unpacked = run('dpkg-deb', ['-x', join(archives, archive), tree], { env });
    if (!unpacked.ok) return `dpkg-deb could not unpack ${archive}:\n${unpacked.tail}`;
  }
  if (!isExecutable(join(tree, 'usr', 'bin', chosen.server))) {
    return `the package ${chosen.server} has no usr/bin/${chosen.server}`;
  }
  const final = join(home, 'redis');
  rmSync(final, { recursive: true, force: true });
  renameSync(tree, final);
  mkdirSync(join(home, 'bin'), { recursive: true });
  replaceFile(join(home, 'bin', 'redis-server'), wrapper(final, chosen.server), 0o755);
  return 'made';
}

/** How to call apt-get with lists and a cache below `directory`, and nothing of the system's touched. */
function privateApt(directory, env) {
  const lists = join(directory, 'lists');
  const cache = join(directory, 'cache');
  mkdirSync(join(lists, 'partial'), { recursive: true });
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true });
  const settings = [
    `Dir::State::Lists=${lists}`,
    `Dir::Cache=${cache}`,
    // As root, apt would fetch as the user `_apt`, who may not be allowed to write here.
    'APT::Sandbox::User=root',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
    'Acquire::https::Timeout=20',
    'Acquire::Languages=none',
  ].flatMap((setting) => ['-o', setting]);
  return (args, cwd = directory) =>
    run('apt-get', ['-q', ...settings, ...args], { cwd, env: { ...env, LC_ALL: 'C' } });
}

/** The first of PACKAGES that is new enough, with what a simulated install of it would bring along. */
function choosePackage(apt, majorNeeded) {
  for (const server of PACKAGES) {
    const simulated = apt(['-s', '--no-install-recommends', 'install', server]);
    if (!simulated.ok) continue;
    const wanted = [...simulated.output.matchAll(/^Inst (\S+) (?:\[\S*\] )?\((?:\d+:)?(\d+)/gm)];
    const major = wanted.find(([, name]) => name === server)?.[2];
    if (major === undefined || Number(major) < majorNeeded) continue;
    // The C library must be the one the machine's loader belongs to.
    const packages = wanted.map(([, name]) => name).filter((name) => !/^libc6\b|^libc-/.test(name));
    return { server, packages };
  }
  return undefined;
}

/** The script at `.understudy/bin/redis-server`: finds its libraries from wherever it is called. */
function wrapper(tree, server) {
  const folders = libraryFolders(tree).map((folder) => `$here/redis/${relative(tree, folder)}`);
  return `#!/bin/sh
# Made by scripts/setup.mjs: the distribution's Redis, unpacked beside this file.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 69
LD_LIBRARY_PATH="${folders.join(':')}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
exec "$here/redis/usr/bin/${server}" "$@"
`;
}

/** The folders of `tree` that the loader would look for libraries in, such as usr/lib/x86_64-linux-gnu. */
function libraryFolders(tree) {
  const roots = ['lib', 'usr/lib'].map((folder) => join(tree, folder)).filter(existsSync);
  const below = roots.flatMap((root) => readdirSync(root).map((name) => join(root, name)));
  return [...roots, ...below].filter(
    (folder) =>
      statSync(folder).isDirectory() &&
      readdirSync(folder).some((name) => /^lib.+\.so(\.\d+)*$/.test(name)),
  );
}
