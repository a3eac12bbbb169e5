import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf } from '@understudy/runtime';
import { SystemUnusable } from '../errors.ts';
import { checkSystem, kindsOf } from './define-system.ts';
import type { System } from './system.ts';

/** What a config may be called, the first that is there. */
const NAMES = ['ts', 'mts', 'js', 'mjs'].map((ending) => `understudy.config.${ending}`);

/**
 * The config of a system: the nearest from `cwd` upwards.
 * @throws {SystemUnusable} when there is none
 */
export function findSystemConfig(cwd: string): string {
  for (let directory = cwd; ; directory = dirname(directory)) {
    const found = NAMES.map((name) => join(directory, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (directory === dirname(directory)) break;
  }
  throw new SystemUnusable(
    `there is no understudy.config.ts in ${cwd} or above it. Write one that says \`export default defineSystem({ nodes, enqueue, readEffects })\`, or name another with --config <file>.`,
  );
}

/**
 * Loads the system that a config defines: Node itself takes the types out of it. Nodes are started
 * in its directory unless it says otherwise.
 * @throws {SystemUnusable} when it cannot be loaded, or defines no system; every mistake is named
 */
export async function loadSystem(path: string): Promise<System> {
  if (!existsSync(path)) throw new SystemUnusable(`there is no ${path}`);
  let loaded: { readonly default?: unknown };
  try {
    loaded = (await import(pathToFileURL(path).href)) as typeof loaded;
  } catch (error) {
    // Mistakes that defineSystem() found while it was loaded say all there is to say.
    if (isMistake(error)) throw new SystemUnusable(`${path}: ${error.message}`, { cause: error });
    throw new SystemUnusable(`${path} cannot be loaded: ${told(error)}`, { cause: error });
  }
  if (!('default' in loaded)) {
    throw new SystemUnusable(
      `${path} has no default export: write \`export default defineSystem({ nodes, enqueue, readEffects })\``,
    );
  }
  const system = checkSystem(loaded.default, `the default export of ${path}`);
  const cwd = dirname(path);
  return withDirectory(system, cwd);
}

/** By its code, because the config may have another copy of this package. */
function isMistake(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'SYSTEM_UNUSABLE';
}

/** A system whose hooks are still called on the object that was exported. */
function withDirectory(system: System, cwd: string): System {
  const nodes = kindsOf(system).map((kind) => ({ cwd, ...kind }));
  return Object.create(system, { nodes: { value: nodes, enumerable: true } }) as System;
}

const ADVICE: Readonly<Record<string, string>> = {
  ERR_INVALID_TYPESCRIPT_SYNTAX: 'mend the syntax there',
  ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX:
    'Node takes types out and compiles nothing, so leave out enums, namespaces and parameter properties',
  ERR_MODULE_NOT_FOUND: 'install what it imports, or mend the path (with its ending, `.ts`)',
  ERR_UNKNOWN_FILE_EXTENSION: 'call it understudy.config.ts',
};

function told(error: unknown): string {
  const { code } = error as { code?: unknown };
  const syntax = error instanceof SyntaxError ? 'mend the syntax there' : undefined;
  const advice = ADVICE[String(code)] ?? syntax ?? 'what it does when it is loaded must not fail';
  return `${messageOf(error)}. What to do: ${advice}; \`npx tsc --noEmit\` finds mistakes in types.`;
}
