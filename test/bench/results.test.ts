import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exitStatus, failedRow, mergeRows, readRows, resultsSchema, writeRows } from './results.ts';
import { MACHINE, row } from './row.test-support.ts';

const HELD = { text: 'p50 ≤ 15 ms', held: true };
const MISSED = { text: 'p95 ≤ 60 ms', held: false };
const UNKNOWN = { text: 'p95 ≤ RabbitMQ’s', held: null };
const WHEN = {
  ...{ measuredAt: '2026-11-27T01:00:00.000Z', tookSeconds: 1, loadBefore: 0.5 },
  machine: MACHINE,
};

describe('whether a row held', () => {
  test.each([
    ['all requirements held', [HELD, HELD], 'held'],
    ['one was missed', [HELD, MISSED], 'missed'],
    ['one cannot be told, because a peer is absent', [HELD, UNKNOWN], 'incomplete'],
    ['one was missed and another cannot be told', [MISSED, UNKNOWN], 'missed'],
  ])('%s', (_, required, status) => {
    expect(row('a', { required }).status).toBe(status);
  });

  test('fewer samples than count are never counted as held, nor as missed', () => {
    expect(row('a', { required: [HELD] }, { short: true }).status).toBe('short');
    expect(row('a', { required: [MISSED] }, { short: true }).status).toBe('short');
  });

  test('an aim that was not reached changes nothing', () => {
    expect(row('a', { aims: [MISSED] }).status).toBe('held');
  });
});

describe('the exit status', () => {
  const [held, missed, short] = [
    row('a'),
    row('b', { required: [MISSED] }),
    row('c', {}, { short: true }),
  ];
  const failed = failedRow({ name: 'd', what: 'd' }, 'no Redis', WHEN);
  const incomplete = row('e', { required: [UNKNOWN] });

  test.each([
    ['all held', [held, held], 0],
    ['nothing was measured', [], 0],
    ['one was missed', [held, missed, short], 99],
    ['one was short', [held, short], 98],
    ['one could not be told', [held, incomplete], 98],
    ['one could not be measured', [missed, failed], 70],
  ])('when %s', (_, rows, status) => {
    expect(exitStatus(rows)).toBe(status);
  });
});

describe('merging', () => {
  test('a row that was measured again takes the place of the old one, and the others stay', () => {
    const known = [row('a', { ours: 'old' }), row('c', { ours: 'old' })];
    const merged = mergeRows(known, [row('c', { ours: 'new' })], ['a', 'b', 'c']);
    expect(merged.map(({ name, ours }) => [name, ours])).toEqual([
      ['a', 'old'],
      ['c', 'new'],
    ]);
  });

  test('a quick look, or a failure, does not take the place of a measurement that counts', () => {
    const known = [row('a', { ours: 'full' })];
    const failed = failedRow({ name: 'a', what: 'a' }, 'no Redis', WHEN);
    for (const nothing of [row('a', {}, { short: true }), failed]) {
      expect(mergeRows(known, [nothing], ['a'])).toEqual(known);
      expect(mergeRows([nothing], known, ['a'])).toEqual(known);
      expect(mergeRows([failed], [nothing], ['a'])).toEqual([nothing]);
    }
  });

  test('what was measured before is remembered, the newest first, five runs in all', () => {
    let rows = [row('a', { ours: '0 ms' }, { short: true })];
    for (let run = 1; run <= 7; run += 1) {
      const required = [{ text: 'p50 ≤ 5 ms', held: run <= 5 }];
      rows = mergeRows(rows, [row('a', { ours: `${run} ms`, required })], ['a']);
    }
    const [last] = rows;
    expect(last?.ours).toBe('7 ms');
    expect(last?.earlier?.map(({ ours, status }) => `${ours} ${status}`)).toEqual([
      ...['6 ms missed', '5 ms held', '4 ms held', '3 ms held'],
    ]);
  });

  test('what does not count is not remembered', () => {
    const [quick, full] = [row('a', {}, { short: true }), row('a')];
    expect(mergeRows(mergeRows([quick], [full], ['a']), [quick], ['a'])).toEqual([full]);
  });

  test('rows come in the order of the table, whenever they were measured', () => {
    const merged = mergeRows([row('b')], [row('a')], ['a', 'b']);
    expect(merged.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('a row that is measured no more is dropped', () => {
    expect(mergeRows([row('gone')], [row('a')], ['a']).map(({ name }) => name)).toEqual(['a']);
  });
});

describe('the file', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'understudy-results-'))));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('gives back what was written, distributions with their raw values', () => {
    const path = join(directory, 'bench', 'results.json');
    const rows = [row('a'), failedRow({ name: 'b', what: 'b' }, 'no Redis', WHEN)];
    writeRows(path, rows);
    expect(readRows(path)).toEqual(rows);
    expect(readRows(path)[0]?.distributions).toEqual({
      'took, ms': { n: 3, min: 9, p50: 10, p95: 11, p99: 11, max: 11, values: [9, 10, 11] },
    });
  });

  test('that is not there has no rows', () => {
    expect(readRows(join(directory, 'none.json'))).toEqual([]);
  });

  test('of another form is refused by its path, instead of being replaced', () => {
    const path = join(directory, 'results.json');
    writeFileSync(path, '{"machine":"old","rows":[]}');
    expect(() => readRows(path)).toThrow(path);
  });

  test('keeps its form: a row that does not fit is not written', () => {
    const path = join(directory, 'results.json');
    expect(() => writeRows(path, [{ ...row('a'), n: -1 }])).toThrow();
    writeRows(path, [row('a')]);
    expect(() => resultsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))).not.toThrow();
  });
});
