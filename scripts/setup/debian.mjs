import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isOlder } from './program.mjs';
import { isExecutable, onPath, run, saying } from './run.mjs';
import { replaceFile } from './stamp.mjs';

// A line of a simulated install: `Inst name [version now] (epoch:version origin [architecture])`.
// What holds for `all` architectures is no library, and the C library must be the one the machine's
// loader belongs to: neither is fetched.
const INSTALLED =
  /^Inst (?<name>\S+) (?:\[\S*\] )?\((?:\d+:)?(?<major>\d+)\.?(?<minor>\d*)\S* .*?\[(?<architecture>\w+)\]/gm;

/**
 * Something that a distribution packages.
 * @typedef {object} Distributed
 * @property {string} title what people call it
 * @property {string} folder where it is unpacked, below `.understudy`
 * @property {readonly [number, number]} versionNeeded the oldest version that will do
 * @property {readonly { package: string, programs: Readonly<Record<string, string>> }[]} packages
 *   that offer it, the best first; `programs` maps a name in `.understudy/bin` to one in `usr/bin`, or
 *   to a path of the package in which `*` stands for the name of a folder, or for the rest of one
 * @property {(path: string) => Readonly<Record<string, string>>} [environment] what the program at
 *   `path` of the tree must find in its environment; `$tree` stands for the tree. Default: nothing
 * @property {(brought: { name: string, architecture: string }) => boolean} [isNeeded] which of the
 *   packages that it would bring along are fetched. Default: the libraries
 */

/**
 * Debian and Ubuntu: fetches one of the distribution's packages and the libraries this machine lacks,
 * and unpacks them below `.understudy`. Nothing is installed, no service is started, and root is
 * not needed: apt gets package lists and a cache of its own.
 * @param {Distributed} wanted
 * @returns {string} `made`, or why this way is closed
 */
export function unpackDistributed(wanted, home, env) {
  if (!onPath(['apt-get'], env) || !onPath(['dpkg-deb'], env)) {
    return 'not a Debian or Ubuntu machine (no apt-get)';
  }
  const work = join(home, `${wanted.folder}.partial`);
  rmSync(work, { recursive: true, force: true });
  try {
    return saying(
      `unpacking the distribution's ${wanted.title} into .understudy (nothing is installed)`,
      () => unpackInto(wanted, home, work, env),
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function unpackInto(wanted, home, work, env) {
  const apt = privateApt(join(work, 'apt'), env);
  // One unreachable source among several fails the update, though the one we need may have been read.
  const update = apt(['update']);
  const chosen = choosePackage(apt, wanted);
  if (!chosen) {
    const unreached = /^[WE]: .*/m.exec(update.errors)?.[0];
    return `apt-get: no package of ${wanted.title} ${wanted.versionNeeded.join('.')} or later from this machine's sources${unreached ? ` (${unreached})` : ''}`;
  }
  const archives = join(work, 'archives');
  mkdirSync(archives);
  const download = apt(['download', ...chosen.downloads], archives);
  if (!download.ok) return `apt-get download failed:\n${download.tail}`;
  const tree = join(work, 'tree');
  for (const archive of readdirSync(archives)) {
    const unpacked = run('dpkg-deb', ['-x', join(archives, archive), tree], { env });
    if (!unpacked.ok) return `dpkg-deb could not unpack ${archive}:\n${unpacked.tail}`;
  }
  const programs = Object.entries(chosen.programs).map(([name, program]) => [
    name,
    program,
    findProgram(tree, program.includes('/') ? program : `usr/bin/${program}`),
  ]);
  const missing = programs.find(([, , path]) => path === undefined);
  if (missing) return `the package ${chosen.package} has no ${missing[1]}`;
  const final = join(home, wanted.folder);
  rmSync(final, { recursive: true, force: true });
  renameSync(tree, final);
  mkdirSync(join(home, 'bin'), { recursive: true });
  for (const [name, , path] of programs) {
    replaceFile(join(home, 'bin', name), wrapper(wanted, final, path), 0o755);
  }
  return 'made';
}

/** The path, below `tree`, of the executable that `pattern` stands for; undefined if there is none. */
function findProgram(tree, pattern) {
  const [before, after] = pattern.split('*');
  if (after === undefined) return isExecutable(join(tree, pattern)) ? pattern : undefined;
  const parent = before.slice(0, before.lastIndexOf('/') + 1);
  const folder = join(tree, parent);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.startsWith(before.slice(parent.length)))
    .map((name) => `${parent}${name}${after}`)
    .find((path) => isExecutable(join(tree, path)));
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

/** The first package that is new enough, with what a simulated install of it would bring along. */
function choosePackage(apt, { packages, versionNeeded, isNeeded = isLibrary }) {
  for (const candidate of packages) {
    const simulated = apt(['-s', '--no-install-recommends', 'install', candidate.package]);
    if (!simulated.ok) continue;
    const brought = [...simulated.output.matchAll(INSTALLED)].map(({ groups }) => groups);
    const itself = brought.find(({ name }) => name === candidate.package);
    if (!itself || isOlder([Number(itself.major), Number(itself.minor)], versionNeeded)) continue;
    const downloads = brought
      .filter((each) => each.name === candidate.package || isNeeded(each))
      .map(({ name }) => name);
    return { ...candidate, downloads };
  }
  return undefined;
}

/** Whether a package brings libraries: it is for one architecture, and not the C library. */
export function isLibrary({ name, architecture }) {
  return architecture !== 'all' && !/^libc6\b|^libc-/.test(name);
}

/** The script at `.understudy/bin/<name>`: finds its libraries from wherever it is called. */
function wrapper({ title, folder, environment = () => ({}) }, tree, path) {
  const folders = libraryFolders(tree).map((each) => `$here/${folder}/${relative(tree, each)}`);
  const libraries = folders.length
    ? `LD_LIBRARY_PATH="${folders.join(':')}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LD_LIBRARY_PATH
`
    : '';
  // Where the machine has no fonts of its own, their settings were unpacked as well.
  const fonts = existsSync(join(tree, 'etc', 'fonts'))
    ? `FONTCONFIG_SYSROOT="$here/${folder}"
export FONTCONFIG_SYSROOT
`
    : '';
  const variables = Object.entries(environment(path))
    .map(([name, value]) => `export ${name}="${value.replaceAll('$tree', `$here/${folder}`)}"\n`)
    .join('');
  return `#!/bin/sh
# Made by scripts/setup.mjs: the distribution's ${title}, unpacked beside this file.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 69
${libraries}${fonts}${variables}exec "$here/${folder}/${path}" "$@"
`;
}

/**
 * The folders of `tree` that the loader would look for libraries in, such as usr/lib/x86_64-linux-gnu,
 * and those in them that a library would be told of when it is installed.
 */
function libraryFolders(tree) {
  const roots = ['lib', 'usr/lib'].map((folder) => join(tree, folder)).filter(existsSync);
  const below = roots.flatMap(foldersIn);
  return [...roots, ...below, ...below.flatMap(foldersIn)].filter((folder) =>
    readdirSync(folder).some((name) => /^lib.+\.so(\.\d+)*$/.test(name)),
  );
}

function foldersIn(folder) {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
}
