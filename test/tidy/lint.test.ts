import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, test } from 'vitest';

const CLOCK = 'packages/runtime/src/clock.ts';
const ELSEWHERE = 'packages/redis/src/connect.ts';
const TEST = 'packages/redis/src/keys.test.ts';
// Not calls, or this file would be one that sleeps.
const LATER = 'setTimeout';
const EVERY = 'setInterval';

let eslint: ESLint;

beforeAll(async () => {
  eslint = new ESLint({ cwd: fileURLToPath(new URL('../..', import.meta.url)) });
  // The first one reads the types of the whole repository.
  await broken(ELSEWHERE, '');
}, 120_000);

/** The rules that `code` breaks if it stands in the file at `path`. */
async function broken(path: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: path });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

describe('the linter refuses', () => {
  test.each([
    ['the wall clock', 'export const a = Date.now();', 'no-restricted-properties'],
    ['the time of day', 'export const a = new Date();', 'no-restricted-syntax'],
    ['the monotonic clock', 'export const a = performance.now();', 'no-restricted-properties'],
    ['chance', 'export const a = Math.random();', 'no-restricted-properties'],
    ['timers', `${LATER}(() => {}, 1);`, 'no-restricted-globals'],
    ['intervals', `${EVERY}(() => {}, 1);`, 'no-restricted-globals'],
    ['imported timers', "import 'node:timers/promises';", 'no-restricted-imports'],
    ['a bare error', "throw new Error('x');", 'no-restricted-syntax'],
    ['any', 'export const a: any = 1;', '@typescript-eslint/no-explicit-any'],
    ['the console', "console.log('x');", 'no-console'],
    ['a promise let go', 'Promise.resolve();', '@typescript-eslint/no-floating-promises'],
    ['an end of the process', 'process.exit(1);', 'no-restricted-syntax'],
    [
      'a union with a member left out',
      "export function f(a: 'x' | 'y'): void { switch (a) { case 'x': break; } }",
      '@typescript-eslint/switch-exhaustiveness-check',
    ],
    [
      'a long function',
      `export function f(): void {\n${'  f();\n'.repeat(71)}}`,
      'max-lines-per-function',
    ],
    ['a long file', 'export {};\n'.repeat(301), 'max-lines'],
  ])('%s', async (_, code, rule) => {
    expect(await broken(ELSEWHERE, code)).toContain(rule);
  });

  test('clocks and timers outside the two files of the runtime that wrap them', async () => {
    const code = `export const a = [Date.now(), performance.now(), ${LATER}(() => {}, 1)];`;
    expect(await broken(CLOCK, code)).toEqual([]);
    expect(await broken(TEST, code)).toHaveLength(3);
  });
});
