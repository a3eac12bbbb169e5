import type { Credit } from '@understudy/exactly-once';
import { InvalidCredit } from './errors.ts';

/** Collects what a handler stages until it returns. */
export interface Staging {
  credit(account: string, amountCents: number): void;
  /** Everything staged, in order. Nothing can be staged afterwards. */
  seal(): readonly Credit[];
}

/** An empty staging area for one attempt of `job`. */
export function createStaging(job: string): Staging {
  const credits: Credit[] = [];
  let sealed = false;
  return {
    credit(account, amountCents) {
      if (sealed) throw new InvalidCredit(job, 'it was staged after handle() had returned');
      if (typeof account !== 'string' || account === '') {
        throw new InvalidCredit(job, 'the account must be a non-empty string');
      }
      if (!Number.isSafeInteger(amountCents)) {
        throw new InvalidCredit(job, `${amountCents} is not a whole number of cents`);
      }
      credits.push({ account, amountCents });
    },
    seal() {
      sealed = true;
      return credits;
    },
  };
}
