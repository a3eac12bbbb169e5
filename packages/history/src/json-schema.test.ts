import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { exampleHeader } from './example-header.test-support.ts';
import { historyJsonSchema } from './json-schema.ts';
import { operationSchema } from './operation.ts';

const committed: unknown = JSON.parse(
  readFileSync(new URL('../schema/history.schema.json', import.meta.url), 'utf8'),
);

test('the committed JSON Schema is that of the code; if not, generate it anew', () => {
  expect(committed).toEqual(historyJsonSchema());
});

test('the JSON Schema accepts what the reader accepts, and refuses what it refuses', () => {
  const schema = z.fromJSONSchema(committed as z.core.JSONSchema.JSONSchema);
  const stall = { seq: 1, at: 0.5, process: 'lab', op: 'stall', type: 'info', durationMs: 3 };
  expect(schema.safeParse(exampleHeader).success).toBe(true);
  for (const line of [stall, { ...stall, colour: 'blue' }]) {
    expect(schema.safeParse(line).success).toBe(true);
    expect(operationSchema.safeParse(line).success).toBe(true);
  }
  for (const line of [
    { ...stall, seq: 0 },
    { ...stall, op: 'dance' },
    { ...stall, type: 'ok' },
  ]) {
    expect(schema.safeParse(line).success).toBe(false);
    expect(operationSchema.safeParse(line).success).toBe(false);
  }
});
