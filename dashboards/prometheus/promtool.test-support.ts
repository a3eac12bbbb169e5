import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { findPrometheusProgram } from '@understudy/telemetry';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

const PROMTOOL = findPrometheusProgram('promtool', REPOSITORY, process.env);

/**
 * A group of tests that need promtool. Where this machine has none they are reported as skipped, with
 * the reason in their name; and CI fails, because it demands that every test runs.
 */
export function describeWithPromtool(claim: string, tests: () => void): void {
  const without = 'missing' in PROMTOOL ? ` (skipped, no promtool: ${PROMTOOL.missing})` : '';
  describe.skipIf(without !== '')(claim + without, tests);
}

/** What promtool did with some arguments: whether it was content, and what it printed. */
export async function promtool(...args: string[]): Promise<{ ok: boolean; said: string }> {
  return new Promise((resolve, reject) => {
    execFile(promtoolPath(), args, (error, stdout, stderr) => {
      // A number is its exit status; anything else says that it did not run.
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ ok: error === null, said: `${stdout}${stderr}` });
    });
  });
}

/** Where promtool is. @throws {Error} where it is not */
export function promtoolPath(): string {
  if ('missing' in PROMTOOL) throw new Error(`no promtool: ${PROMTOOL.missing}`);
  return PROMTOOL.path;
}

/** A directory of one test's own, gone after it. */
export class Scratch implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'understudy-rules-'));

  /** The path of a file in it. */
  path(...names: string[]): string {
    return join(this.root, ...names);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}
