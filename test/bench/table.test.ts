import { expect, test } from 'vitest';
import { failedRow } from './results.ts';
import { MACHINE, row } from './row.test-support.ts';
import { tableMarkdown, tableText } from './table.ts';

const WIDTH = 120;

test('a row has ours, peer, ratio, n, what is required and whether it held', () => {
  const text = tableText([row('a')], WIDTH);
  expect(text).toMatch(/what a is +10 ms +RabbitMQ: 12 ms +0\.83 +3 +p50 ≤ 15 ms +✓/);
});

test('a requirement that was missed, or cannot be told, is marked itself', () => {
  const required = [
    { text: 'p50 ≤ 15 ms', held: true },
    { text: 'p95 ≤ 60 ms', held: false },
    { text: 'p95 ≤ its', held: null },
  ];
  const text = tableText([row('a', { required })], WIDTH);
  expect(text).toContain('p95 ≤ 60 ms ✗');
  expect(text).toContain('p95 ≤ its ?');
  expect(text).not.toContain('p50 ≤ 15 ms ✗');
});

test('of several full measurements it is said how many held', () => {
  const before = { measuredAt: '2026-11-26T01:00:00.000Z', ours: '12 ms' };
  const earlier = (['held', 'missed'] as const).map((status) => ({ ...before, status }));
  expect(tableText([{ ...row('a'), earlier }], WIDTH)).toMatch(/✓ 2\/3$/m);
});

test('a peer that is absent is there with its reason', () => {
  const peers = [{ name: 'RabbitMQ', absent: 'no server' }];
  expect(tableText([row('a', { peers })], WIDTH)).toContain('RabbitMQ: absent (no');
});

test('a short measurement says so, and one that failed says why', () => {
  const when = { measuredAt: '2026-11-27T01:00:00.000Z', tookSeconds: 1, loadBefore: 3 };
  const failed = failedRow({ name: 'b', what: 'b' }, 'unplugged', { ...when, machine: MACHINE });
  const text = tableText([row('a', {}, { short: true }), failed], WIDTH);
  expect(text).toMatch(/ short$/m);
  expect(text).toContain('unplugged');
});

test('no line is wider than the terminal, however long what stands in it', () => {
  const ours = `${'many words '.repeat(20)}${'x'.repeat(200)}`;
  const lines = tableText([row('a', { ours, notes: [], aims: [] })], 80).split('\n');
  const ofTable = lines.slice(0, lines.indexOf(''));
  expect(Math.max(...ofTable.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(ofTable.join('').match(/x/g)).toHaveLength(200);
});

test('below stand notes, aims, and the machine with its load', () => {
  const text = tableText([row('a'), row('b', {}, { loadBefore: 1.5 })], WIDTH);
  expect(text).toContain('a:\n  the machine stood still for 3 ms\n  aim p50 ≤ 5 ms: not reached');
  expect(text.match(/2 × Abacus, 8 GiB, Linux 6.1, Node 24.0.0, Redis 7.0.15/g)).toHaveLength(1);
  expect(text).toContain('load before each 0.5 to 1.5');
});

test('rows of two machines are told apart', () => {
  const other = { ...MACHINE, cpu: 'Slide rule' };
  const text = tableText([row('a'), row('b', {}, { machine: other })], WIDTH);
  expect(text).toMatch(/Abacus.*\(a\)/);
  expect(text).toMatch(/Slide rule.*\(b\)/);
});

test('a document gets a table of its own form, in which nothing breaks a cell', () => {
  const text = tableMarkdown([row('a', { ours: 'one\ntwo | three' })]);
  const [head, rule, line] = text.split('\n');
  expect([head, rule, line].map((each) => each?.match(/(?<!\\)\|/g)?.length)).toEqual([8, 8, 8]);
  expect(line).toContain('one<br>two \\| three');
});
