import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/setup/longest-first.ts';

// One seed for every random choice of a run; a run that failed is repeated with its seed.
// The test processes inherit it.
process.env.TEST_SEED ??= String(randomInt(2 ** 31));
// Hundreds of processes are started of the same few programs: compiling them is a fifth of what they do.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '.understudy', 'compile-cache');

// These run whole fleets of processes, after the others: three at a time, one of each of three files, because
// a fleet waits more than it works. They hold what fleets do, and leave it to the benches how fast.
const FLEETS = [
  'test/e2e/**/*.test.ts',
  'packages/testkit/**/*.test.ts',
  // Examples that are fleets, each in a folder of its own.
  'examples/*/*.test.ts',
  // A browser is many processes as well.
  'chaos/report/html/client/*-in-browser.test.ts',
];
// These need a Docker engine: `vitest run --project docker`. Where none answers each is skipped, with
// the reason.
const CONTAINERS = ['test/docker/**/*.test.ts'];
const EVERYTHING = ['{packages,services,chaos,dashboards,examples,test}/**/*.test.ts'];
const NOWHERE = ['**/node_modules/**', '**/.understudy/**'];

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    retry: 0,
    allowOnly: false,
    passWithNoTests: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    globalSetup: ['test/setup/announce-seed.ts', 'test/setup/one-file/for-all-tests.ts'],
    sequence: { sequencer: LongestFirst },
    setupFiles: ['test/setup/seed-properties.ts', 'test/setup/no-leaks.ts'],
    reporters: process.env.CI
      ? ['default', ['json', { outputFile: '.understudy/test-results.json' }]]
      : ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: EVERYTHING,
          exclude: [...NOWHERE, ...FLEETS, ...CONTAINERS],
          // They leave nothing behind (test/setup/no-leaks.ts), so files may share a process: starting one
          // and importing everything anew took longer than the tests.
          isolate: false,
          // Many of them wait for servers.
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'fleet',
          include: FLEETS,
          exclude: NOWHERE,
          isolate: false,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'docker',
          include: CONTAINERS,
          exclude: NOWHERE,
          sequence: { groupOrder: 2 },
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
