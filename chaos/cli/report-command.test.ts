import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createRecorder, HistoryMalformed, HistoryUnreadable } from '@understudy/history';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExampleHistory } from '../checker/example-history.test-support.ts';
import { EarlierRunUnusable } from '../errors.ts';
import { reportCommand, type ReportFlags } from './report-command.ts';
import { UsageError } from './usage-error.ts';

let root: string;
let directory: string;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'understudy-report-'));
  directory = join(root, '.understudy', 'runs', 'r-1');
  mkdirSync(directory, { recursive: true });
  await keepHistory(join(directory, 'history.ndjson'));
});
afterEach(() => rmSync(root, { recursive: true }));

async function keepHistory(path: string): Promise<void> {
  const history = new ExampleHistory()
    .leads('node-1', 1)
    .enqueue('p-1')
    .effect('p-1')
    .effect('p-1');
  history.end();
  await using recorder = createRecorder({ path, header: history.header });
  for (const operation of history.operations) recorder.record(operation);
}

async function report(given: readonly string[], flags: ReportFlags = {}): Promise<string> {
  let said = '';
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  });
  const terminal = { stdout, stderr: stdout, cwd: root, environment: {} };
  expect(await reportCommand(given, flags, terminal)).toBe(0);
  return said.trim();
}

test('a run is called by its name, and its report stands beside its history', async () => {
  expect(await report(['r-1'])).toBe('.understudy/runs/r-1/report.html');
  const page = readFileSync(join(directory, 'report.html'), 'utf8');
  expect(page).toContain('1 job took effect more than once');
});

test('a history from elsewhere is judged, and its report is written where it is asked for', async () => {
  const elsewhere = join(root, 'sent.ndjson');
  await keepHistory(elsewhere);
  expect(await report([elsewhere], { output: 'out.html' })).toBe('out.html');
  expect(readFileSync(join(root, 'out.html'), 'utf8')).toContain('Refuted');
});

test('several runs share a file of their own', async () => {
  expect(await report(['r-1', 'r-1'])).toBe('.understudy/runs/r-1/comparison.html');
  const page = readFileSync(join(directory, 'comparison.html'), 'utf8');
  expect(page.match(/class="chart"/g)).toHaveLength(2);
});

test('what cannot be reported is refused with the reason', async () => {
  await expect(report(['r-2'])).rejects.toThrow(UsageError);
  writeFileSync(join(directory, 'result.json'), '{"schemaVersion":1}');
  await expect(report(['r-1'])).rejects.toThrow(EarlierRunUnusable);
  await expect(report(['r-1'])).rejects.toThrow(/Give its history\.ndjson instead/);
  writeFileSync(join(root, 'other.ndjson'), 'not a history\n');
  await expect(report(['other.ndjson'])).rejects.toThrow(HistoryMalformed);
  mkdirSync(join(root, 'empty'));
  await expect(report(['empty'])).rejects.toThrow(HistoryUnreadable);
});
