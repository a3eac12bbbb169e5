import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRecorder, HistoryMalformed, HistoryUnreadable } from '@understudy/history';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExampleHistory } from '../checker/example-history.test-support.ts';
import { judgeFile } from './judge-file.ts';

let directory: string;
let path: string;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-judge-'));
  path = join(directory, 'history.ndjson');
  const history = new ExampleHistory().leads('node-1', 1).enqueue('p-1').effect('p-1').end();
  await using recorder = createRecorder({ path, header: history.header });
  for (const operation of history.operations) recorder.record(operation);
});

afterEach(() => rmSync(directory, { recursive: true }));

describe('a history on disk', () => {
  test('is judged as it would be in memory', async () => {
    const { header, verdict, torn } = await judgeFile(path);
    expect(header).toMatchObject({ run: 'example', mode: 'active-passive' });
    expect(verdict).toMatchObject({ status: 'pass', counts: { accepted: 1, ok: 1 } });
    expect(torn).toBe(false);
  });

  test('that is torn is judged up to the tear, and is inconclusive', async () => {
    appendFileSync(path, '{"seq":6,"at":9');
    const { verdict, torn } = await judgeFile(path);
    expect(verdict.status).toBe('inconclusive');
    expect(verdict.reason).toMatch(/torn/);
    expect(verdict.counts.ok).toBe(1);
    expect(torn).toBe(true);
  });

  test('that breaks off between two lines is inconclusive: nobody knows what is left', async () => {
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, `${lines.slice(0, 5).join('\n')}\n`);
    const { verdict, torn } = await judgeFile(path);
    expect(verdict.status).toBe('inconclusive');
    expect(torn).toBe(false);
  });

  test('that was tampered with is refused by line, not judged', async () => {
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, lines.filter((line) => !line.includes('"effect"')).join('\n'));
    await expect(judgeFile(path)).rejects.toThrow(HistoryMalformed);
    await expect(judgeFile(path)).rejects.toThrow(/line 5: expected seq 4, found 5/);
  });

  test('that is not there is an error that says so', async () => {
    await expect(judgeFile(join(directory, 'none'))).rejects.toThrow(HistoryUnreadable);
  });
});
