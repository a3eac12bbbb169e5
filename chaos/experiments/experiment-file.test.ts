import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededPrng } from '@understudy/runtime';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserModuleUnusable } from '../errors.ts';
import { isExperimentFile, readExperimentFile } from './experiment-file.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-experiment-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Writes a module; a name of its own, because Node.js loads each only once. */
function file(text: string, name = 'experiment.mts'): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const context = {
  ...({ mode: 'active-passive', nodes: 3, ttlMs: 2000, jobs: 100 } as const),
  ...{ lastJob: 'p-100', rate: 400, prng: seededPrng(1) },
};
const described = `name: 'two-kills', shows: 'a kill', expects: 'once'`;
const step = `{ trigger: { kind: 'at', atMs: 5 }, fault: 'kill', target: 'leader', parameters: {} }`;

const refusal = async (path: string): Promise<string> => {
  const error = await readExperimentFile(path).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UserModuleUnusable);
  return (error as UserModuleUnusable).message;
};

test('a TypeScript file on the command line is an experiment, a name with a slash is not', () => {
  expect(isExperimentFile('./experiments/two-kills.ts')).toBe(true);
  expect(isExperimentFile('two-kills.mjs')).toBe(true);
  expect(isExperimentFile('crash-points/after-fetch')).toBe(false);
});

test('the schedule of a file is that of its default export', async () => {
  const path = file(
    `const count: number = 5;
     export default { ${described}, schedule: ({ jobs }: { jobs: number }) =>
       [{ ...${step}, trigger: { kind: 'after-effects', count: jobs / count } }] };`,
  );
  const experiment = await readExperimentFile(path);
  expect(experiment.name).toBe('two-kills');
  expect(experiment.schedule(context)).toEqual([
    expect.objectContaining({ trigger: { kind: 'after-effects', count: 20 }, fault: 'kill' }),
  ]);
});

test('a file that is not there is named', async () => {
  expect(await refusal(join(directory, 'none.ts'))).toMatch(
    /there is no experiment .*none\.ts\. Is/,
  );
});

test('a file that throws is named with the line that threw', async () => {
  const path = file(`\n\nthrow new Error('no weather today');\n`);
  expect(await refusal(path)).toMatch(
    /experiment\.mts cannot be loaded: no weather today \(line 3\)/,
  );
});

test('a file that imports what is not installed is told what to do', async () => {
  const path = file(`import 'no-such-package-of-ours';\nexport default {};`);
  expect(await refusal(path)).toMatch(/no-such-package-of-ours.*Install what it imports/);
});

test('a file without a default export is told how to write one', async () => {
  expect(await refusal(file(`export const experiment = {};`))).toMatch(/no default export/);
});

test('everything that is wrong with an experiment is said at once', async () => {
  const message = await refusal(
    file(`export default { name: 'Two Kills', shows: '', modes: ['solo'], shedule: () => [] };`),
  );
  for (const part of [/name: lower-case/, /shows: /, /expects: /, /modes\.0: /, /schedule: /]) {
    expect(message).toMatch(part);
  }
  expect(message).toMatch(/shedule/);
});

test('the name of an experiment that the lab has is not taken', async () => {
  const path = file(
    `export default { name: 'calm', shows: 'a', expects: 'b', schedule: () => [] };`,
  );
  expect(await refusal(path)).toMatch(/name: the lab has an experiment of that name/);
});

test('a schedule that throws is told as the fault of the file', async () => {
  const path = file(
    `export default { ${described},\n schedule: () => { throw new TypeError('oops'); } };`,
  );
  const { schedule } = await readExperimentFile(path);
  expect(() => schedule(context)).toThrow(UserModuleUnusable);
  expect(() => schedule(context)).toThrow(/asked for its schedule: oops \(line 2\)/);
});

test('what is no step of a schedule is named by its place', async () => {
  const path = file(`export default { ${described}, schedule: () => [${step}, 'kill'] };`);
  const { schedule } = await readExperimentFile(path);
  expect(() => schedule(context)).toThrow(/step 2 is none/);
});
