import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRows, writeRows } from './results.ts';
import { row } from './row.test-support.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

describe('the bench', () => {
  let directory: string;
  let results: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'understudy-bench-test-'));
    results = join(directory, 'results.json');
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('a quick row is printed and kept beside the others, and does not count', async () => {
    writeRows(results, [row('judging')]);
    const ended = await bench('metrics-cost', '--quick', '--results', results);
    expect(ended.stderr).toContain('metrics-cost');
    expect(ended.stdout).toContain('µs a job');
    expect(ended.stdout).toContain('measured ');
    expect(ended.status).toBe(98);
    expect(readRows(results).map(({ name, status }) => [name, status])).toEqual([
      ['judging', 'held'],
      ['metrics-cost', 'short'],
    ]);
  });

  test('what is kept is printed again without measuring', async () => {
    writeRows(results, [row('judging')]);
    const { status, stdout, stderr } = await bench('--print', '--markdown', '--results', results);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('| what judging is | 10 ms |');
  });

  test('a row that does not exist is refused with the list of those that do', async () => {
    const { status, stdout, stderr } = await bench('takeover-krill');
    expect([status, stdout]).toEqual([64, '']);
    expect(stderr).toContain('there is no row takeover-krill');
    expect(stderr).toContain('takeover-kill');
  });

  test('--help is printed, and nothing is measured', async () => {
    const { status, stdout } = await bench('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('usage: npm run bench');
  });
});
