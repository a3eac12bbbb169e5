import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReportUnwritable } from '../errors.ts';
import { doubled, resultOf } from '../report/results.test-support.ts';
import { suiteOfRun } from '../report/suite.ts';
import { reporters } from './reporters.ts';
import { type Reporting, startReporting } from './reporting.ts';
import type { Terminal } from './terminal.ts';
import { expectWellFormed } from '../report/xml.test-support.ts';

/** A stream that remembers. */
class Heard extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const refuted = suiteOfRun(resultOf({ status: 'fail', checkers: [doubled] }));

let directory: string;
let stdout: Heard;
let stderr: Heard;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'understudy-reporting-'));
  [stdout, stderr] = [new Heard(), new Heard()];
});

afterEach(() => rm(directory, { recursive: true, force: true }));

function report(
  asked: string,
  options: { leavesRuns?: boolean; environment?: Terminal['environment'] } = {},
): Reporting {
  const { leavesRuns = true, environment = {} } = options;
  const terminal: Terminal = { stdout, stderr, cwd: directory, environment };
  return startReporting({
    reporters: reporters(asked),
    terminal,
    title: 'understudy run',
    leavesRuns,
  });
}

const inPlace = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');

it('XML goes to the directory of each run, and with all of them to the file that is named', async () => {
  const reporting = report('junit,junit=ci/all.xml');
  await mkdir(join(directory, 'r-1'));
  reporting.ended(refuted, join(directory, 'r-1'));
  reporting.finish([refuted, refuted], () => ({}));
  const [one, all] = [await inPlace('r-1/junit.xml'), await inPlace('ci/all.xml')];
  for (const xml of [one, all]) expectWellFormed(xml);
  expect([one, all].map((xml) => xml.match(/<testsuite /g)?.length)).toEqual([1, 2]);
  expect(stdout.text).toBe('');
});

it('standard output is the JSON document and nothing else, whoever else reports', async () => {
  const environment = { GITHUB_STEP_SUMMARY: join(directory, 'summary.md') };
  const reporting = report('json,junit=a.xml,github', { environment });
  reporting.ended(refuted, undefined);
  reporting.finish([refuted], () => ({ schemaVersion: 1 }));
  expect(JSON.parse(stdout.text)).toEqual({ schemaVersion: 1 });
  expect(stderr.text).toMatch(/^::error title=/);
  expect(reporting.text).toBe(false);
});

describe('for GitHub', () => {
  it('annotations come as runs end, and the summary is added to what a step has said', async () => {
    const path = join(directory, 'summary.md');
    await writeFile(path, 'before\n');
    const reporting = report('text,github', { environment: { GITHUB_STEP_SUMMARY: path } });
    reporting.ended(refuted);
    expect(stdout.text).toMatch(/^::error title=/);
    reporting.finish([refuted], () => ({}));
    expect(await inPlace('summary.md')).toMatch(/^before\n## understudy run\n/);
  });

  it('elsewhere there is no summary, and nothing is wrong with that', () => {
    const reporting = report('github');
    reporting.finish([refuted], () => ({}));
    expect(stdout.text).toBe('');
  });
});

it('a report of before is not taken for one of now', async () => {
  await writeFile(join(directory, 'all.xml'), '<testsuites/>');
  report('junit=all.xml');
  const begun = await inPlace('all.xml');
  expectWellFormed(begun);
  expect(begun).toMatch(/errors="1"[^]*did not come to its end/);
});

it('a file that cannot be written shows before anything is run', async () => {
  await writeFile(join(directory, 'file'), '');
  expect(() => report('junit=file/all.xml')).toThrow(ReportUnwritable);
  expect(() => report('json=.')).toThrow(/the report .* cannot be written/);
});

it('where no run has a directory, XML needs a file', () => {
  expect(() => report('junit', { leavesRuns: false })).toThrow('--reporter junit=<file>');
  expect(report('junit=a.xml', { leavesRuns: false }).text).toBe(false);
});
