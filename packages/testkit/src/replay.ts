import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { RunResult } from 'understudy';

/** In the directory of a run: the jobs, where the test brought its own. */
export const JOBS_FILE = 'jobs.ndjson';

/** The command that injects again what a run did. */
export function replayCommand({ directory }: RunResult): string {
  const jobs = join(directory, JOBS_FILE);
  const input = existsSync(jobs) ? ['--input', shown(jobs)] : [];
  return ['npx', 'understudy', 'replay', shown(directory), ...input].map(quoted).join(' ');
}

/**
 * The command that runs a test again, which makes the same plan again.
 * @param name as vitest puts it together: `suite > test`
 */
export function testCommand(path: string, name: string): string {
  return ['npx', 'vitest', 'run', shown(path), '-t', `^${escaped(name)}$`].map(quoted).join(' ');
}

/** A path as seen from here, where that is shorter. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short !== '' && short.length < path.length ? short : path;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
