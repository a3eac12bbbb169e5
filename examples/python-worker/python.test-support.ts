import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const UNPACKED = fileURLToPath(
  new URL('../../.understudy/python-redis/usr/lib/python3/dist-packages', import.meta.url),
);

/**
 * What a Python of this machine needs in its environment to find the package `redis`; undefined where
 * there is no Python, or no such package.
 */
export function pythonEnvironment(): Readonly<Record<string, string>> | undefined {
  const candidates: Readonly<Record<string, string>>[] = [{}, { PYTHONPATH: UNPACKED }];
  return candidates.find((environment) => {
    const env = { ...process.env, ...environment };
    return spawnSync('python3', ['-c', 'import redis'], { env, stdio: 'ignore' }).status === 0;
  });
}

/**
 * A group of tests that need Python and its package `redis`. Where this machine has none they are
 * reported as skipped, with the reason in their name; in CI they are not, and fail.
 */
export function describeWithPython(claim: string, tests: () => void): void {
  const lacks = pythonEnvironment() === undefined && !process.env.CI;
  const without = lacks
    ? ' (skipped, no python3 with the package redis: run `node scripts/setup.mjs --with python-redis`)'
    : '';
  describe.skipIf(lacks)(claim + without, tests);
}
