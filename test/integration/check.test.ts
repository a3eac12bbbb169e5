import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FreshClone, type Ran } from './fresh-clone.ts';

describe('npm run check', () => {
  test('runs every stage, names each: first the static ones, then the tests, then the controls', async () => {
    using clone = cloneWithTools('exit 0');
    const { status, stderr } = await checked(clone, { UNDERSTUDY_CONTAINERS: 'demanded' });
    expect(status).toBe(0);
    const stages = [...stderr.matchAll(/^check: (.+) ok/gm)].map(([, stage]) => stage);
    expect(stages.slice(0, 8).toSorted()).toEqual([
      ...['API reference', 'dashboards', 'format', 'layers', 'lint', 'report page', 'types'],
      'unused code',
    ]);
    expect(stages[8]).toBe('tests');
    expect(stages.slice(9).toSorted()).toEqual(['audit', 'containers']);
    expect(clone.calls).toContain('understudy audit --at-once 3');
  });

  test('makes only the parts that are named, and refuses one that there is not', async () => {
    using clone = cloneWithTools('exit 0');
    const { stderr } = await checked(clone, {}, ['tests']);
    expect([...stderr.matchAll(/^check: (.+) ok/gm)].map(([, stage]) => stage)).toEqual(['tests']);
    const refused = await checked(clone, {}, ['test']);
    expect(refused.status).toBe(64);
    expect(refused.stderr).toContain('static | tests | controls');
  });

  test('says that containers are left out where no engine answers, and goes on', async () => {
    using clone = cloneWithTools('exit 0');
    clone.program('docker', 'exit 1');
    const { status, stderr } = await checked(clone);
    expect(status).toBe(0);
    expect(stderr).toContain('check: containers left out: no Docker engine answers');
    expect(clone.calls.join('\n')).not.toContain('--project docker');
  });

  test('fails with the containers, also when the audit is content', async () => {
    using clone = cloneWithTools('exit 0');
    clone.program('docker', 'exit 0');
    clone.program('vitest', 'case "$*" in *docker*) exit 4 ;; esac');
    const { status, stderr } = await checked(clone);
    expect(status).toBe(4);
    expect(stderr).toMatch(/^check: containers FAILED/m);
    expect(stderr).toMatch(/^check: audit ok/m);
  });

  test('after a stage that fails it begins no other, says which, and exits as it did', async () => {
    using clone = cloneWithTools('case "$*" in *lint) exit 3 ;; esac');
    const { status, stderr } = await checked(clone);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^check: lint FAILED/m);
    expect(stderr).not.toMatch(/^check: tests/m);
    expect(clone.calls.join('\n')).not.toContain('understudy audit');
  });
});

describe('the last line of CI', () => {
  test('counts what passed and what failed', async () => {
    const ran = await countOf({ ...RESULTS, numPassedTests: 12 });
    expect(ran).toMatchObject({ status: 0, stdout: '12 passed, 0 failed\n' });
  });

  test('a failed test fails', async () => {
    const ran = await countOf({ ...RESULTS, numFailedTests: 2, success: false });
    expect(ran).toMatchObject({ status: 1, stdout: '1 passed, 2 failed\n' });
  });

  test('a skipped test fails', async () => {
    const ran = await countOf({ ...RESULTS, numPendingTests: 1 });
    expect(ran).toMatchObject({ status: 1, stdout: '1 passed, 0 failed, 1 skipped\n' });
  });

  test('a file that failed without a failed test counts as one', async () => {
    const broken = { status: 'failed', assertionResults: [{ status: 'passed' }] };
    const ran = await countOf({ ...RESULTS, success: false, testResults: [broken] });
    expect(ran).toMatchObject({ status: 1, stdout: '1 passed, 1 failed\n' });
  });

  test('a run without a single test fails, and so does one that left no results', async () => {
    expect((await countOf({ ...RESULTS, numPassedTests: 0 })).status).toBe(1);
    expect(await countOf(undefined)).toMatchObject({ status: 1, stdout: '' });
  });
});

const RESULTS = {
  success: true,
  numPassedTests: 1,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
};

/** A clone whose tools are stand-ins; npm's does `npm`. */
function cloneWithTools(npm: string): FreshClone {
  const clone = new FreshClone();
  clone.program('npm', npm);
  for (const tool of ['prettier', 'vitest', 'understudy']) clone.program(tool, 'exit 0');
  // The worker in one file needs packages, of which there are none.
  clone.program('node', 'case "$1" in *run.ts) shift; exec "$@" ;; esac');
  return clone;
}

/** `npm run check` without what sets up. */
function checked(
  clone: FreshClone,
  environment: Record<string, string> = {},
  parts: readonly string[] = [],
): Promise<Ran> {
  return clone.run(process.execPath, [clone.path('scripts/check.mjs'), ...parts], environment);
}

async function countOf(results: unknown): Promise<Ran> {
  using clone = new FreshClone();
  const path = clone.path('results.json');
  if (results !== undefined) writeFileSync(path, JSON.stringify(results));
  return await clone.run(process.execPath, [clone.path('scripts/count-tests.mjs'), path]);
}
