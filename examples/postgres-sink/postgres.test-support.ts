import process from 'node:process';
import { describe } from 'vitest';
import { findPostgres } from '../../test/servers/private-postgres.ts';

/**
 * A group of tests that need a PostgreSQL. Where this machine has none they are reported as skipped,
 * with the reason in their name; in CI they are not, and fail.
 */
export function describeWithPostgres(claim: string, tests: () => void): void {
  const lacks = findPostgres() === undefined && !process.env.CI;
  const without = lacks
    ? ' (skipped, no PostgreSQL: run `node scripts/setup.mjs --with postgresql`)'
    : '';
  describe.skipIf(lacks)(claim + without, tests);
}
