import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPrometheusProgram } from './find-program.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

/** The promtool of this machine, or why there is none. Tests without one are skipped, which fails CI. */
export const PROMTOOL = findPrometheusProgram('promtool', REPOSITORY, process.env);

/** The name of a group of tests that need promtool: says why, where they are skipped. */
export function withPromtool(claim: string): string {
  return 'path' in PROMTOOL ? claim : `${claim} (skipped, no promtool: ${PROMTOOL.missing})`;
}

/** What promtool did with some arguments: whether it was content, and what it printed. */
export async function promtool(...args: string[]): Promise<{ ok: boolean; said: string }> {
  if ('missing' in PROMTOOL) throw new Error(`no promtool: ${PROMTOOL.missing}`);
  const { path } = PROMTOOL;
  return new Promise((resolve) => {
    execFile(path, args, (error, stdout, stderr) =>
      resolve({ ok: error === null, said: `${stdout}${stderr}` }),
    );
  });
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
