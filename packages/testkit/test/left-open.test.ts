import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fixtureRoot,
  type FixtureRoot,
  type InnerFile,
  runFixtures,
} from './inner-vitest.test-support.ts';

let root: FixtureRoot;
let files: readonly InnerFile[];

const CHILD_LIMIT_MS = 120_000;

beforeAll(async () => {
  root = await fixtureRoot();
  ({ files } = await runFixtures(['left-open', 'left-open-in-file', 'soft'], root));
}, CHILD_LIMIT_MS);

afterAll(() => root[Symbol.asyncDispose]());

const fileOf = (name: string): InnerFile => {
  const found = files.find((file) => file.name.endsWith(`/${name}.fixture.ts`));
  if (!found) throw new TypeError(`vitest ran no ${name}`);
  return found;
};

describe('a lab that is left open', () => {
  it('is an error of the test that made it, and of no other, also of those at the same time', () => {
    const failed = fileOf('left-open').assertionResults.filter(({ status }) => status === 'failed');
    expect(failed.map(({ title }) => title)).toEqual([
      'leaves its lab open',
      'leaves its lab open in the middle of a run',
      'leaves its lab open beside another',
    ]);
    for (const { failureMessages } of failed) {
      expect(failureMessages.join()).toContain('LabLeftOpen: a lab was left open');
      expect(failureMessages.join()).toContain('left-open.fixture.ts');
    }
    expect(fileOf('left-open').assertionResults).toHaveLength(11);
  });

  it('is closed: a run that went on has ended as an interrupted one', async () => {
    const [run, ...others] = await readdir(root.runs);
    expect(others).toEqual([]);
    const lab = JSON.parse(
      await readFile(join(root.runs, run ?? '', 'lab.json'), 'utf8'),
    ) as object;
    expect(lab).toMatchObject({ status: 'interrupted' });
  });

  it('is an error of the file where no test made it', () => {
    const { status, message, assertionResults } = fileOf('left-open-in-file');
    expect(status).toBe('failed');
    expect(message).toContain('a lab was left open');
    expect(assertionResults.map((test) => test.status)).toEqual(['passed']);
  });
});

it('a soft assertion that fails or cannot tell is told, and the test goes on', () => {
  const [test] = fileOf('soft').assertionResults;
  expect(test?.status).toBe('failed');
  expect(test?.failureMessages).toHaveLength(2);
  expect(test?.failureMessages[0]).toContain('expected the run to be exactly once');
  expect(test?.failureMessages[1]).toContain('can neither satisfy nor refute');
});
