import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const made = new Set<string>();

/** Makes a temporary directory, which is gone when the bench has ended at the latest. */
export function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'understudy-bench-'));
  made.add(directory);
  return directory;
}

/** Removes one that was made. */
export function removeDirectory(directory: string): void {
  made.delete(directory);
  rmSync(directory, { recursive: true, force: true });
}

/** Removes those that are left: for the end of the bench's own process. */
export function removeDirectories(): void {
  for (const directory of made) removeDirectory(directory);
}
