import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { collect } from './collect.test-support.ts';
import { HistoryMalformed, HistoryUnreadable } from './errors.ts';
import { exampleHeader } from './example-header.test-support.ts';
import type { Operation } from './operation.ts';
import { readHistory } from './reader.ts';

const HEADER = JSON.stringify(exampleHeader);

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'understudy-history-'));
  path = join(directory, 'history.ndjson');
});

afterEach(() => rmSync(directory, { recursive: true }));

/** The line of an operation: a stall unless `fields` say otherwise. */
function line(seq: number, fields: Record<string, unknown> = {}): string {
  const stall = { seq, at: seq, process: 'lab', op: 'stall', type: 'info', durationMs: 1 };
  return JSON.stringify({ ...stall, ...fields });
}

/** Reads the history with these lines, each ended by a line feed, and `tail` after the last. */
async function read(
  lines: readonly string[],
  tail = '',
): Promise<{ operations: Operation[]; torn: boolean }> {
  writeFileSync(path, lines.map((text) => `${text}\n`).join('') + tail);
  const history = await readHistory(path);
  const operations = await collect(history.operations);
  return { operations, torn: history.torn };
}

describe('the reader', () => {
  test('reads header and operations', async () => {
    const { operations, torn } = await read([HEADER, line(1), line(2, { durationMs: 7 })]);
    expect(operations).toEqual([JSON.parse(line(1)), JSON.parse(line(2, { durationMs: 7 }))]);
    expect(torn).toBe(false);
  });

  test('a history may consist of its header alone', async () => {
    expect(await read([HEADER])).toEqual({ operations: [], torn: false });
    expect(await read([], HEADER)).toEqual({ operations: [], torn: false });
  });

  test('a torn last line is read up to the tear, and said', async () => {
    const torn = line(3).slice(0, 20);
    const history = await read([HEADER, line(1), line(2)], torn);
    expect(history.operations).toHaveLength(2);
    expect(history.torn).toBe(true);
  });

  test('a file torn at any byte after its header is a readable history', async () => {
    const text = `${HEADER}\n${line(1)}\n${line(2, { process: 'ü' })}\n`;
    const bytes = Buffer.from(text);
    for (let length = HEADER.length; length <= bytes.length; length += 3) {
      writeFileSync(path, bytes.subarray(0, length));
      const history = await readHistory(path);
      const operations = await collect(history.operations);
      const whole = text.slice(0, length).split('\n').length - 2;
      expect(operations.length - whole).toBeOneOf([0, 1]);
    }
  });

  test('a last line without a line feed that is whole is no tear', async () => {
    const history = await read([HEADER, line(1)], line(2));
    expect(history).toMatchObject({ torn: false });
    expect(history.operations).toHaveLength(2);
  });

  test('fields of somebody else do not matter', async () => {
    const { operations } = await read([HEADER, line(1, { colour: 'blue' })]);
    expect(operations).toMatchObject([{ op: 'stall', durationMs: 1 }]);
  });

  test('lines of all lengths come through, however the file is cut into reads', async () => {
    const lengths = [1, 10_000, 65_535, 65_536, 65_537, 131_072, 262_144, 700_000, 3];
    const lines = lengths.map((length, index) => line(index + 1, { process: 'é'.repeat(length) }));
    const { operations } = await read([HEADER, ...lines]);
    expect(operations.map(({ process }) => process.length)).toEqual(lengths);
  });

  test('batches hold the same operations as one by one', async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) => line(index + 1));
    const { operations } = await read([HEADER, ...lines]);
    const batches = await collect((await readHistory(path)).batches);
    expect(batches.length).toBeGreaterThan(1);
    expect(batches.flat()).toEqual(operations);
  });

  test('a reader that is not read to its end can be put away', async () => {
    await read([HEADER, line(1)]);
    await using history = await readHistory(path);
    for await (const operation of history.operations) expect(operation.seq).toBe(1);
  });
});

describe('the reader refuses, with line and expectation,', () => {
  test.each([
    ['a line that is no JSON', [line(1), 'nonsense', line(2)], 3, /an operation as JSON/],
    ['an empty line', [line(1), '', line(2)], 3, /an operation as JSON/],
    ['a torn line in the middle', [line(1), line(2).slice(0, 30), line(3)], 3, /as JSON/],
    ['a number', [line(1), '17'], 3, /expected object, received number/],
    ['an unknown operation', [line(1, { op: 'dance' })], 2, /Expected 'enqueue' \| 'attempt'/],
    ['a field of the wrong type', [line(1, { durationMs: 'long' })], 2, /durationMs: .*number/],
    ['a missing field', [line(1, { op: 'parked', job: 'p-1' })], 2, /reason: .*string/],
    ['a type the operation never has', [line(1, { type: 'ok' })], 2, /type: .*"info"/],
    ['a second header', [HEADER], 2, /not an operation/],
    ['a gap', [line(1), line(3)], 3, /expected seq 2, found 3: lines are missing/],
    ['a repeated line', [line(1), line(1)], 3, /expected seq 2, found 1/],
    ['time that goes back', [line(1, { at: 9 }), line(2, { at: 8.5 })], 3, /at to be 9 or later/],
    ['a negative time', [line(1, { at: -1 })], 2, /at: .*>=0/],
  ])('%s', async (_, lines, number, message) => {
    const reading = read([HEADER, ...lines]);
    await expect(reading).rejects.toThrow(HistoryMalformed);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code: 'HISTORY_MALFORMED', path, line: number });
  });

  test.each([
    ['an empty file', '', /found nothing/],
    ['an empty first line', '\n', /found nothing/],
    ['a file of another kind', '# Payments\n', /header of a history as JSON/],
    ['a torn header', HEADER.slice(0, 50), /header of a history as JSON/],
    ['an operation before the header', `${line(1)}\n`, /history: .*expected 1/],
    ['a newer form', `${HEADER.replace('"history":1', '"history":2')}\n`, /history: .*expected 1/],
  ])('%s', async (_, text, message) => {
    writeFileSync(path, text);
    const reading = readHistory(path);
    await expect(reading).rejects.toThrow(message);
    await expect(reading).rejects.toMatchObject({ code: 'HISTORY_MALFORMED', line: 1 });
  });

  test('a file of many megabytes without a line feed', async () => {
    writeFileSync(path, '');
    for (let n = 0; n < 65; n++) appendFileSync(path, Buffer.alloc(2 ** 20, 'x'));
    await expect(readHistory(path)).rejects.toThrow(/line 1: expected lines of less than 64 MiB/);
  });

  test('a file that is not there, or no file', async () => {
    await expect(readHistory(join(directory, 'none'))).rejects.toThrow(HistoryUnreadable);
    await expect(readHistory(directory)).rejects.toThrow(HistoryUnreadable);
  });
});
