import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { jobsOf } from './jobs-of.ts';

const directory = mkdtempSync(join(tmpdir(), 'understudy-jobs-'));
const path = join(directory, 'jobs.ndjson');
writeFileSync(path, '{"id":"p-1","note":"tea"}\n\n{"id":"p-2"}\n');
afterAll(() => rmSync(directory, { recursive: true }));

async function ids(rounds: number, most: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const { id } of jobsOf(path, rounds, 'x')) {
    if (seen.push(id) === most) break;
  }
  return seen;
}

test('a file that is enqueued once keeps its ids and all else that its lines say', async () => {
  expect(await ids(1, 9)).toEqual(['p-1', 'p-2']);
  for await (const job of jobsOf(path, 1, 'x')) {
    expect(job).toEqual({ id: 'p-1', note: 'tea' });
    break;
  }
});

test('no job of one round is taken for that of another, and a producer may go on for ever', async () => {
  expect(await ids(2, 9)).toEqual(['p-1.x.1', 'p-2.x.1', 'p-1.x.2', 'p-2.x.2']);
  expect(await ids(Number.POSITIVE_INFINITY, 5)).toHaveLength(5);
});

test('a line without an id is refused', async () => {
  writeFileSync(path, '{"id":""}\n');
  await expect(ids(1, 9)).rejects.toThrow(/id/);
});
