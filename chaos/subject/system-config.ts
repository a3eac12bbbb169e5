import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SystemUnusable } from '../errors.ts';
import { loadUserModule } from '../user-module.ts';
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
  const loaded = await loadUserModule(path, { name: 'config', Unusable: SystemUnusable });
  if (!('default' in loaded)) {
    throw new SystemUnusable(
      `${path} has no default export: write \`export default defineSystem({ nodes, enqueue, readEffects })\``,
    );
  }
  const system = checkSystem(loaded.default, `the default export of ${path}`);
  const cwd = dirname(path);
  return withDirectory(system, cwd);
}

/** A system whose hooks are still called on the object that was exported. */
function withDirectory(system: System, cwd: string): System {
  const nodes = kindsOf(system).map((kind) => ({ cwd, ...kind }));
  return Object.create(system, { nodes: { value: nodes, enumerable: true } }) as System;
}
