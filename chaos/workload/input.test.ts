import { expect, test } from 'vitest';
import { InvalidInput } from '../errors.ts';
import { firstJobs, parseInput, readInput } from './input.ts';

const line = (fields: object): string => JSON.stringify(fields);
const good = { id: 'p-1', account: 'a-1', amountCents: 250 };

test('payments are read in their order, with every field that is there', () => {
  const text = `${line(good)}\r\n\n${line({ ...good, id: 'p-2', note: 'é', amountCents: 0 })}\n`;
  expect(parseInput(text, 'in')).toEqual([good, { ...good, id: 'p-2', note: 'é', amountCents: 0 }]);
});

test('a line that is not JSON is refused with its number and what was expected', () => {
  expect(() => parseInput(`${line(good)}\n{"id":`, 'in.ndjson')).toThrow(
    /^in\.ndjson is not usable, and nothing was enqueued:\n {2}line 2: not JSON \(.*\); expected an object such as \{"id"/,
  );
});

test('amounts that are negative, fractional, too large or texts are refused', () => {
  for (const amountCents of [-1, 0.5, 2 ** 53, '250', null, undefined]) {
    expect(() => parseInput(line({ ...good, amountCents }), 'in')).toThrow(
      /line 1: "amountCents" must be a whole number of cents, zero or more/,
    );
  }
});

test('every field that is wrong is named, once', () => {
  expect(() => parseInput(line({ id: '', amountCents: 1 }), 'in')).toThrow(
    /line 1: "id" must be a text of 1 to 200 characters, "account" must be/,
  );
  expect(() => parseInput('[1]', 'in')).toThrow(/line 1: /);
  expect(() => parseInput('"p-1"', 'in')).toThrow(/line 1: expected a JSON object/);
});

test('an id that comes twice is refused with both lines', () => {
  const text = [good, { ...good, id: 'p-2' }, good].map(line).join('\n');
  expect(() => parseInput(text, 'in')).toThrow(/line 3: the id "p-1" is already on line 1/);
});

test('all faults are told, the first ten in full', () => {
  const text = Array.from({ length: 13 }, () => 'x').join('\n');
  expect(() => parseInput(text, 'in')).toThrow(/line 10: [^]*and 3 more$/);
});

test('an input without a payment is refused', () => {
  expect(() => parseInput('\n\n', 'in')).toThrow(/in holds no payment/);
});

test('an input that cannot be read is refused with the reason', async () => {
  await expect(readInput('/no/such/file.ndjson')).rejects.toThrow(InvalidInput);
  await expect(readInput('/no/such/file.ndjson')).rejects.toThrow(/ENOENT/);
});

test('more jobs than the input holds are refused; fewer are the first ones', () => {
  const payments = [good, { ...good, id: 'p-2' }];
  expect(firstJobs(payments)).toBe(payments);
  expect(firstJobs(payments, 1)).toEqual([good]);
  expect(() => firstJobs(payments, 3)).toThrow(
    '3 jobs were asked for, and the input holds 2 payments',
  );
  for (const count of [0, -1, 1.5]) expect(() => firstJobs(payments, count)).toThrow(InvalidInput);
});
