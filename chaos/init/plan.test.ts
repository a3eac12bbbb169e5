import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StarterNotWritten, UserModuleUnusable } from '../errors.ts';
import { planStarter } from './plan.ts';
import { readTemplates, writeStarter } from './write.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-init-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const planned = (manifest: object): ReturnType<typeof planStarter> =>
  planStarter(JSON.stringify(manifest), readTemplates(), '1.2.3');

test('in a package of CommonJS the files are called .mts, and name each other so', () => {
  const { files, next } = planned({ type: 'commonjs' });
  expect(files.map(({ path }) => path)).toEqual([
    'understudy.config.mts',
    'understudy/worker.mts',
    'understudy/two-kills.mts',
    'understudy/failover.test.mts',
  ]);
  expect(files.find(({ path }) => path.includes('test'))?.text).toContain(
    "'../understudy.config.mts'",
  );
  expect(files[0]?.text).toContain('node understudy/worker.mts');
  expect(next.at(-1)).toContain('two-kills.mts --system');
});

test('no template leaves a place open', () => {
  for (const { text } of planned({ type: 'module' }).files) expect(text).not.toContain('{{');
});

test('only what is missing is to be installed', () => {
  const { next } = planned({
    devDependencies: { vitest: '^5' },
    dependencies: { understudy: '*' },
  });
  expect(next.slice(0, 2)).toEqual([
    'npm install @understudy/worker@1.2.3',
    'npm install --save-dev bullmq@6 ioredis@6 @understudy/testkit@1.2.3',
  ]);
});

test('a package.json that cannot be read is said to be so', () => {
  expect(() => planStarter('{', readTemplates(), '1.2.3')).toThrow(UserModuleUnusable);
});

test('with one file in the way none is written, and the one is named and untouched', () => {
  const { files } = planned({ type: 'module' });
  mkdirSync(join(directory, 'understudy'));
  const mine = join(directory, 'understudy', 'two-kills.ts');
  writeFileSync(mine, 'mine');
  const write = (): void => writeStarter(directory, files);
  expect(write).toThrow(StarterNotWritten);
  expect(write).toThrow(/understudy\/two-kills\.ts/);
  expect(readdirSync(join(directory, 'understudy'))).toEqual(['two-kills.ts']);
  expect(readFileSync(mine, 'utf8')).toBe('mine');
});

test('what was written before the disk refused is taken back', () => {
  const { files } = planned({ type: 'module' });
  // A file where the last one needs a folder.
  const last = { path: 'understudy.config.ts/x.ts', text: '', what: '' };
  expect(() => writeStarter(directory, [...files, last])).toThrow(/cannot be written/);
  expect(readdirSync(join(directory, 'understudy'))).toEqual([]);
});
