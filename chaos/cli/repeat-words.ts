import { resolve } from 'node:path';
import { redactUrl } from '@understudy/redis';
import type { Variable } from './option-values.ts';
import type { RunFlags } from './run-flags.ts';

/** Options that say how runs are made and shown, not what is run. */
const ABOUT_MAKING: ReadonlySet<string> = new Set([
  ...['reporter', 'quiet', 'repeat'],
  ...['shrink', 'shrinkRepeat', 'keep'],
]);

/** Options that are paths, seen from where the command was given. */
const PATHS: ReadonlySet<string> = new Set(['input', 'cwd', 'config']);

/**
 * The command that makes one run again: every option that was given, by which it differs from the
 * defaults. Passwords in URLs are left out; the input is named by its full path.
 * @param cwd what a relative path was seen from
 */
export function repeatCommand(
  run: { readonly experiment: string; readonly mode: string; readonly seed: number },
  flags: Partial<RunFlags>,
  cwd: string,
): string {
  const own: RunFlags | object = { mode: run.mode, seed: run.seed };
  const given = Object.entries({ ...flags, ...own }).filter(([name]) => !ABOUT_MAKING.has(name));
  const words = given.flatMap(([name, value]) => wordsOf(name, value as FlagValue, cwd));
  return ['npx', 'understudy', 'run', run.experiment, ...words].map(quoted).join(' ');
}

type FlagValue =
  string | number | boolean | readonly (string | number)[] | readonly Variable[] | undefined;

function wordsOf(name: string, value: FlagValue, cwd: string): string[] {
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (value === undefined || value === false) return [];
  if (value === true) return [flag];
  // Names alone: whoever repeats it has the values in the environment.
  if (name === 'env') return (value as readonly Variable[]).flatMap(([key]) => [flag, key]);
  const text = [value].flat().map((part) => shown(name, String(part), cwd));
  return [flag, text.join(',')];
}

function shown(name: string, text: string, cwd: string): string {
  if (name === 'redis' || name === 'lockRedis') return redactUrl(text);
  return PATHS.has(name) ? resolve(cwd, text) : text;
}

/** A word as a shell takes it. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
