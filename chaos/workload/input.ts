import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@understudy/runtime';
import { z } from 'zod';
import { InvalidInput } from '../errors.ts';
import type { Payment } from './payment.ts';

/** The payments that come with the lab. In the repository it is a link to those in `examples/`. */
export const SHIPPED_INPUT = fileURLToPath(new URL('./payments.ndjson', import.meta.url));

const LONGEST_NAME = 200;
const FAULTS_SHOWN = 10;

const name = z.string().min(1).max(LONGEST_NAME);
const payment = z.looseObject({
  id: name,
  account: name,
  // zod's int() is a safe integer: sums of cents stay exact.
  amountCents: z.int().nonnegative(),
});

const EXPECTED: Readonly<Record<string, string>> = {
  id: `"id" must be a text of 1 to ${LONGEST_NAME} characters`,
  account: `"account" must be a text of 1 to ${LONGEST_NAME} characters`,
  amountCents: '"amountCents" must be a whole number of cents, zero or more',
};

/**
 * Reads payments from a file of the form NDJSON, one payment a line; empty lines are skipped.
 * @throws {InvalidInput} when the file cannot be read, a line is no payment, or an id comes twice
 */
export async function readInput(path: string): Promise<readonly Payment[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new InvalidInput(`the input ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseInput(text, path);
}

/**
 * Parses payments, one JSON object a line. All of `text` is checked, so that whoever corrects it
 * sees every fault (the first ten are told).
 * @param from what to call the text in errors
 * @throws {InvalidInput}
 */
export function parseInput(text: string, from: string): readonly Payment[] {
  const payments: Payment[] = [];
  const lineOfId = new Map<string, number>();
  const faults: string[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() === '') return;
      const number = index + 1;
      const parsed = parseLine(line);
      if (typeof parsed === 'string') {
        faults.push(`line ${number}: ${parsed}`);
        return;
      }
      const first = lineOfId.get(parsed.id);
      if (first === undefined) lineOfId.set(parsed.id, number);
      else {
        const id = JSON.stringify(parsed.id);
        faults.push(`line ${number}: the id ${id} is already on line ${first}; ids must be unique`);
      }
      payments.push(parsed);
    });
  if (faults.length > 0) throw new InvalidInput(describe(faults, from));
  if (payments.length === 0) {
    throw new InvalidInput(`${from} holds no payment: expected one JSON object a line`);
  }
  return payments;
}

/** The payment of a line, or what is wrong with it. */
function parseLine(line: string): Payment | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return `not JSON (${messageOf(error)}); expected an object such as {"id":"p-1","account":"a-1","amountCents":100}`;
  }
  const parsed = payment.safeParse(value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(
    (issue) => EXPECTED[String(issue.path[0])] ?? 'expected a JSON object',
  );
  return [...new Set(wrong)].join(', ');
}

function describe(faults: readonly string[], from: string): string {
  const shown = faults.slice(0, FAULTS_SHOWN).map((fault) => `  ${fault}`);
  const more = faults.length - shown.length;
  if (more > 0) shown.push(`  and ${more} more`);
  return `${from} is not usable, and nothing was enqueued:\n${shown.join('\n')}`;
}

/**
 * The first `count` payments; all of them when it is left out.
 * @throws {InvalidInput} when there are fewer
 */
export function firstJobs(payments: readonly Payment[], count?: number): readonly Payment[] {
  if (count === undefined) return payments;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new InvalidInput(`the number of jobs must be a whole number from 1, not ${count}`);
  }
  if (count > payments.length) {
    throw new InvalidInput(
      `${count} jobs were asked for, and the input holds ${payments.length} payments`,
    );
  }
  return payments.slice(0, count);
}
