import { statSync } from 'node:fs';
import { isExecutable, onPath, run } from './run.mjs';
import { addToStamp, readStamp } from './stamp.mjs';

/**
 * Finds a program to run: the one that `variable` names in the environment, else one of `names` on
 * PATH, else the one that setup made at `own`.
 * @param {{ variable: string, names: readonly string[], own: string }} program
 * @returns {{ path?: string, wrong?: string }} `wrong` when the variable names no program
 */
export function locate({ variable, names, own }, env) {
  const named = env[variable];
  if (named) {
    // A bare name is looked up on PATH when it is started, so it is here as well.
    const path = named.includes('/') ? named : onPath([named], env);
    if (path && isExecutable(path)) return { path };
    return { wrong: `${variable} is ${named}, which is not an executable file` };
  }
  return { path: onPath(names, env) ?? (isExecutable(own) ? own : undefined) };
}

/**
 * Asks a program for its version, and makes sure that it will do. Asked once: the stamp remembers
 * the file that answered.
 * @param {string} path
 * @param {{ key: string, pattern: RegExp, needed: readonly [number, number] }} expected `pattern`
 *   finds major and minor in what `--version` prints; `key` is the fact in the stamp
 * @returns {{ ok: true } | { failed: string } | { tooOld: string }} what it printed, or its version
 */
export function checkVersion(path, { key, pattern, needed }, stampPath, env) {
  const { mtimeMs, size } = statSync(path);
  const identity = `${path} ${size} ${Math.round(mtimeMs)}`;
  if (readStamp(stampPath)[key] === identity) return { ok: true };

  const done = run(path, ['--version'], { env });
  const version = pattern.exec(`${done.output}\n${done.errors}`);
  if (!done.ok || !version) return { failed: done.tail };
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (isOlder([major, minor], needed)) return { tooOld: `${major}.${minor}` };
  addToStamp(stampPath, { [key]: identity });
  return { ok: true };
}

/** Whether the version [major, minor] is older than another. */
export function isOlder([major, minor], [majorThan, minorThan]) {
  return major < majorThan || (major === majorThan && minor < minorThan);
}
