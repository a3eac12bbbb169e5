import { readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isExecutable } from '@understudy/runtime';
import { z } from 'zod';

/** The program's name, and the variable that may name another in its place. */
const VARIABLES = { prometheus: 'PROMETHEUS', promtool: 'PROMTOOL' } as const;

const stamp = z.looseObject({ prometheusMissing: z.string().optional() });

/** Where a program was found; or why there is none, as setup noted it. */
export type FoundProgram = { readonly path: string } | { readonly missing: string };

/**
 * Finds Prometheus or its promtool: `PROMETHEUS` or `PROMTOOL`, else on PATH, else what setup put into
 * `.understudy/bin`.
 * @param root the directory that holds `.understudy`
 */
export function findPrometheusProgram(
  name: keyof typeof VARIABLES,
  root: string,
  env: Readonly<Record<string, string | undefined>>,
): FoundProgram {
  const named = env[VARIABLES[name]];
  if (named) return { path: named };
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  const path = [...folders, join(root, '.understudy', 'bin')]
    .map((folder) => join(folder, name))
    .find(isExecutable);
  return path ? { path } : { missing: noteOfSetup(root) };
}

function noteOfSetup(root: string): string {
  const text = readIfThere(join(root, '.understudy', 'setup.json'));
  // Only a clone of Understudy's repository is set up; others use the lab as a package.
  if (text === undefined) return 'nothing was set up there';
  const nothing = 'setup did not look for it: run `node scripts/setup.mjs --with prometheus`';
  try {
    return stamp.parse(JSON.parse(text)).prometheusMissing || nothing;
  } catch {
    return nothing;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
