import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const TAIL_LINES = 8;

/** Says one line of progress. Standard output belongs to the command that runs after setup. */
export function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/** Does `work` between two lines of progress; the second tells how long it took. */
export function saying(line, work) {
  say(`${line} ...`);
  const startedMs = Date.now();
  const result = work();
  say(`  took ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  return result;
}

/**
 * Runs a program to its end and keeps what it printed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {{ ok: boolean, output: string, errors: string, tail: string }} `output` and `errors` are
 *   what it printed; `tail` the last lines of both, or why it could not be started
 */
export function run(program, args, { cwd, env = process.env, timeoutMs } = {}) {
  const done = spawnSync(program, args, {
    cwd,
    env,
    timeout: timeoutMs,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
  });
  const printed = `${done.stdout ?? ''}\n${done.stderr ?? ''}\n${done.error?.message ?? ''}`;
  const lines = printed.split('\n').filter((line) => line.trim() !== '');
  return {
    ok: done.status === 0,
    output: done.stdout ?? '',
    errors: done.stderr ?? '',
    tail: lines
      .slice(-TAIL_LINES)
      .map((line) => `    ${line}`)
      .join('\n'),
  };
}

/** Whether `path` is a file that may be executed. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first executable called one of `names` on the PATH of `env`, directory by directory. */
export function onPath(names, env) {
  for (const directory of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    for (const name of names) {
      const path = join(directory, name);
      if (isExecutable(path)) return path;
    }
  }
  return undefined;
}
