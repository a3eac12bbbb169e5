import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { resultJsonSchema, runResultSchema } from './result.ts';

const FILE = new URL('./result.schema.json', import.meta.url);

const interrupted = {
  schemaVersion: 1,
  run: 'r-1',
  directory: '/runs/r-1',
  experiment: 'calm',
  status: 'interrupted',
  mode: 'active-passive',
  lane: 'bullmq',
  seed: 7,
  nodes: ['node-1'],
  jobs: 3,
  checkers: [],
  counts: null,
  takeovers: [],
  faults: [],
  startedAt: '2026-11-23T10:00:00.000Z',
  durationMs: 12,
  versions: { node: '24.21.0' },
};

test('the committed JSON Schema of result.json is the one the code holds results to', async () => {
  const committed: unknown = JSON.parse(await readFile(FILE, 'utf8'));
  // To bring it up to date: node -e "import('./chaos/report/result.ts').then((m) =>
  // console.log(JSON.stringify(m.resultJsonSchema(), null, 2)))" > chaos/report/result.schema.json
  expect(committed).toEqual(JSON.parse(JSON.stringify(resultJsonSchema())));
});

test('an interrupted run is a result without counts and checkers', () => {
  expect(runResultSchema.safeParse(interrupted).success).toBe(true);
});

test('a result that claims a verdict nobody knows is refused', () => {
  expect(runResultSchema.safeParse({ ...interrupted, status: 'proved' }).success).toBe(false);
});
