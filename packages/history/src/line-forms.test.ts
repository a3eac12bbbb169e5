import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { fieldPatterns } from './field-pattern.ts';
import { LineForms } from './line-forms.ts';
import { type Operation, operationSchema } from './operation.ts';

const STAMP = { seq: 7, at: 12.5, process: 'node-1' };
const EFFECT = {
  ...STAMP,
  op: 'effect',
  type: 'ok',
  job: 'p-1',
  key: 'p-1',
  account: 'acc-1',
  amountCents: -100,
  node: 'node-1',
  incarnation: 'an-incarnation-with-a-long-name',
  epoch: 0,
  position: 3,
  id: '1-0',
  source: 'live',
};
const EXAMPLES: readonly object[] = [
  EFFECT,
  { ...STAMP, op: 'enqueue', type: 'invoke', job: 'p-1', key: '', copy: 1 },
  { ...STAMP, op: 'enqueue', type: 'ok', job: 'p-1' },
  { ...STAMP, op: 'attempt', type: 'invoke', job: 'p-1', node: 'node-1', n: 1 },
  { ...STAMP, op: 'stall', type: 'info', durationMs: 0.25 },
  { ...STAMP, op: 'health', type: 'info', phase: 'after-last-heal', healthy: true, detail: 'ü' },
  { ...EFFECT, unnamed: true },
];

/** What parser and schema make of a line; undefined when it is no operation. */
function parsed(line: string): unknown {
  try {
    return operationSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Forms learned from the lines of these operations. */
function learned(examples: readonly object[]): LineForms {
  const forms = new LineForms();
  for (const example of examples) {
    const line = JSON.stringify(example);
    operationSchema.parse(JSON.parse(line));
    forms.learn(line, JSON.parse(line) as Operation);
  }
  return forms;
}

/** That a line is read as parser and schema read it, to the order of the fields, or not at all. */
function expectAgreement(forms: LineForms, line: string): void {
  const read = forms.read(line);
  if (read === undefined) return;
  expect(read).toStrictEqual(parsed(line));
  expect(JSON.stringify(read)).toBe(JSON.stringify(JSON.parse(line)));
}

const scrap = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.string({ unit: 'grapheme', minLength: 10, maxLength: 20 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(undefined, null, 0, -0, 1e-7, 1e21, 2 ** 53, -(2 ** 53), 0.1, '', '"', [], {}),
  fc.constantFrom('ok', 'fail', 'info', 'live', 'final', 'effect', 'enqueue'),
);
const names = [...new Set(EXAMPLES.flatMap((example) => Object.keys(example))), 'colour', '1'];
const change = fc.record({ name: fc.constantFrom(...names), value: scrap });
const example = fc.constantFrom(...EXAMPLES);

describe('the forms of lines', () => {
  test('read other lines of a form that was learned, and no others', () => {
    const forms = learned([EFFECT]);
    const other = { ...EFFECT, seq: 8, at: 13, job: 'p-2', amountCents: 5, node: 'knoten-ü' };
    expect(forms.read(JSON.stringify(other))).toStrictEqual(other);
    const { key: _, ...withoutKey } = other;
    expect(forms.read(JSON.stringify(withoutKey))).toBeUndefined();
    expect(forms.read(JSON.stringify({ ...other, colour: 'blue' }))).toBeUndefined();
    expect(forms.read(JSON.stringify(other, undefined, 1))).toBeUndefined();
    expect(forms.read(`${JSON.stringify(other)} `)).toBeUndefined();
  });

  test('are taken in any order of lines', () => {
    const forms = learned(EXAMPLES);
    const lines = [...EXAMPLES, ...EXAMPLES.toReversed(), ...EXAMPLES].map((operation) => ({
      ...operation,
      seq: 99,
      process: 'another',
    }));
    const read = lines.map((line) => forms.read(JSON.stringify(line)));
    expect(read.filter((operation) => operation !== undefined).length).toBe(lines.length - 3);
    for (const line of lines) expectAgreement(forms, JSON.stringify(line));
  });

  test('read a field that is changed as parser and schema do, or leave it to them', () => {
    fc.assert(
      fc.property(example, fc.array(change, { minLength: 1, maxLength: 3 }), (base, changes) => {
        const changed = Object.fromEntries(changes.map(({ name, value }) => [name, value]));
        const line = JSON.stringify({ ...base, ...changed });
        expectAgreement(learned(EXAMPLES), line);
        const operation = parsed(line);
        if (operation) expectAgreement(learned([JSON.parse(line) as object]), line);
      }),
      { numRuns: 3000 },
    );
  });

  test('read a line in which characters are changed as parser and schema do, or leave it', () => {
    const forms = learned(EXAMPLES);
    const text = fc.oneof(
      fc.string({ maxLength: 2 }),
      fc.constantFrom('"', '\\', ',', '}', '{', '-', '.', '0', '00', 'e1', '\n', '\r', ' ', '\t'),
      fc.constantFrom('\u0000', '\u001f', '\u007f', '\u2028', '\ud800', '\\u0041', ',"seq":7'),
    );
    const edit = fc.record({ at: fc.nat(300), cut: fc.nat(3), text });
    fc.assert(
      fc.property(example, fc.array(edit, { minLength: 1, maxLength: 2 }), (base, edits) => {
        let line = JSON.stringify(base);
        for (const { at, cut, text: inserted } of edits) {
          const from = at % line.length;
          line = line.slice(0, from) + inserted + line.slice(from + cut);
        }
        expectAgreement(forms, line);
      }),
      { numRuns: 5000 },
    );
  });

  test('are not learned where a field is more than text, number or choice', () => {
    const plain = { op: z.literal('x'), text: z.string(), number: z.int(), flag: z.boolean() };
    expect(fieldPatterns(z.object(plain))).toBeDefined();
    for (const field of [
      z.array(z.string()),
      z.string().min(2),
      z.string().regex(/x/),
      z.int().min(3),
      z.int().max(9),
      z.int().negative(),
      z.number(),
      z.number().multipleOf(2),
      z.literal('a|b'),
      z.enum(['ok', '.*']),
      z.union([z.string(), z.null()]),
    ]) {
      expect(fieldPatterns(z.object({ ...plain, field }))).toBeUndefined();
    }
  });
});
