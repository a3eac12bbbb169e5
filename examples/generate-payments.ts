// Makes payments.ndjson beside this file: `node examples/generate-payments.ts`.
import { writeFileSync } from 'node:fs';
import { type Prng, seededPrng } from '@understudy/runtime';

/** One payment: a line of payments.ndjson, its fields in this order. */
export interface ExamplePayment {
  /** `p-1`, `p-2`, ... in the order of the file. */
  readonly id: string;
  /** `acc-001` to `acc-200`; the lower the number, the hotter. */
  readonly account: string;
  /** Positive, whole. */
  readonly amountCents: number;
  readonly currency: 'EUR';
  /** What it was for: a field the workers know nothing of. */
  readonly note: string;
}

const SEED = 2;
const COUNT = 5_000;
const ACCOUNTS = 200;

/** What people pay for: how often (out of the sum of `weight`) and between which amounts, in cents. */
const OCCASIONS = [
  { note: 'coffee', weight: 34, minCents: 180, maxCents: 650 },
  { note: 'groceries', weight: 30, minCents: 900, maxCents: 14_000 },
  { note: 'train ticket', weight: 16, minCents: 240, maxCents: 8_900 },
  { note: 'concert', weight: 9, minCents: 2_500, maxCents: 18_000 },
  { note: 'electricity', weight: 7, minCents: 4_000, maxCents: 26_000 },
  { note: 'rent', weight: 4, minCents: 45_000, maxCents: 190_000 },
] as const;

/**
 * The first `count` payments of `seed`. Accounts follow Zipf's law (the n-th is 1/n as likely as the
 * first), so that a few of them are contended for. Only sums and quotients are used: the same seed
 * gives the same payments on every machine.
 */
export function* examplePayments(seed: number, count: number): Generator<ExamplePayment> {
  const prng = seededPrng(seed);
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => ({
    name: `acc-${String(index + 1).padStart(3, '0')}`,
    weight: 1 / (index + 1),
  }));
  const whose = prng.fork('account');
  const why = prng.fork('occasion');
  const howMuch = prng.fork('amount');
  for (let n = 1; n <= count; n++) {
    const { note, minCents, maxCents } = weighted(OCCASIONS, why);
    yield {
      id: `p-${n}`,
      account: weighted(accounts, whose).name,
      amountCents: howMuch.integer(minCents, maxCents),
      currency: 'EUR',
      note,
    };
  }
}

/** The text of payments.ndjson. */
export function examplePaymentsFile(): string {
  return [...examplePayments(SEED, COUNT)]
    .map((payment) => `${JSON.stringify(payment)}\n`)
    .join('');
}

function weighted<T extends { readonly weight: number }>(items: readonly T[], prng: Prng): T {
  const total = items.reduce((sum, { weight }) => sum + weight, 0);
  let left = prng.float() * total;
  for (const item of items) {
    left -= item.weight;
    if (left < 0) return item;
  }
  // Rounding may leave a sliver of the last item.
  return items[items.length - 1] as T;
}

if (import.meta.main) {
  writeFileSync(new URL('./payments.ndjson', import.meta.url), examplePaymentsFile());
}
