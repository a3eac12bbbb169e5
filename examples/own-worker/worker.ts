// A worker of one's own: what it does with a payment, and nothing about queues, leaders or retries.
import { defineWorker } from '@understudy/worker';

/** A payment, as somebody enqueued it: what it really holds is for the handler to find out. */
export interface Payment {
  id: string;
  account: string;
  amountCents: number;
}

/** What is wrong with a payment, for whoever looks at the failed jobs. */
export class RejectedPayment extends Error {
  override readonly name = 'RejectedPayment';
}

/** Accounts are numbered: `acc-001`. */
const ACCOUNT = /^acc-\d{3}$/;
/** More than that a person has to look at. */
const LIMIT_CENTS = 100_000_00;

/** @throws {RejectedPayment} */
export function checkPayment({ account, amountCents }: Payment): void {
  if (!ACCOUNT.test(account)) throw new RejectedPayment(`there is no account ${account}`);
  if (!Number.isInteger(amountCents) || amountCents <= 0) {
    throw new RejectedPayment(
      `${amountCents} cents is no payment; refunds have a queue of their own`,
    );
  }
  if (amountCents > LIMIT_CENTS) {
    throw new RejectedPayment(`${amountCents} cents must be approved first`);
  }
}

export default defineWorker<Payment>({
  queue: 'payments',
  mode: 'active-passive',
  // A payment that is rejected will be the next time, too; two attempts are for what is not.
  maxAttempts: 2,
  handle({ data }, { credit }) {
    checkPayment(data);
    credit(data.account, data.amountCents);
  },
});
