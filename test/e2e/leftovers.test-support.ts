import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Place } from './command.ts';

/** The only run that was made there. */
export async function onlyRun(place: Place): Promise<string> {
  const made = await readdir(place.runs);
  expect(made).toHaveLength(1);
  return join(place.runs, made[0] ?? '');
}

/** Which of the processes that a run started still exist. */
export async function survivors(directory: string): Promise<readonly number[]> {
  const journal = await readFile(join(directory, 'undo.ndjson'), 'utf8');
  const pids = [...journal.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
  expect(pids.length).toBeGreaterThan(3);
  return [...new Set(pids)].filter(lives);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Orphans that have ended stay in the table of a Linux until init asks about them.
    return !existsSync('/proc/self') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
