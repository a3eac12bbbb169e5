import type { EffectOperation, Operation } from '@understudy/history';
import type { Checker, CheckerFinding, CheckerRun, Views } from './checker.ts';
import { Findings } from './findings.ts';

/**
 * Money is neither made nor lost: what the ledger holds at the end is the sum of the effects it
 * accepted, account by account where each effect names its account, and in total.
 */
export const conservation: Checker = {
  name: 'conservation',
  expectation: 'the balances at the end equal the sum of the accepted effects',
  applies({ expect }) {
    if (expect.balances) return true;
    return expect.accountsShared
      ? 'others use the same accounts, so that balances say nothing of this run'
      : 'this system keeps no balances';
  },
  start: (views) => new ConservationRun(views),
};

class ConservationRun implements CheckerRun {
  readonly #views: Views;
  readonly #findings = new Findings();
  readonly #sums = new Map<string, number>();
  #totalCents = 0;
  #withoutAccount = 0;

  constructor(views: Views) {
    this.#views = views;
  }

  step(operation: Operation): void {
    if (operation.op === 'effect') this.#add(operation);
  }

  finish(): CheckerFinding {
    const balances = this.#views.jobs.end?.balances;
    if (!balances) this.#inconclusive('no-balances', 'the history does not say the balances');
    else if (this.#views.jobs.vanishedEntries > 0) {
      this.#inconclusive('vanished', 'effects vanished: the sum of what is left is not known');
    } else if (!this.#findings.totals['no-amount']) this.#compare(balances);
    const held = balances ? sum(Object.values(balances)) : undefined;
    return {
      findings: this.#findings,
      limit: 'exact',
      observed: `effects ${this.#totalCents} cents, balances ${held ?? 'unknown'} cents`,
    };
  }

  #add({ job, account, amountCents, at }: EffectOperation): void {
    if (amountCents === undefined) {
      const detail = `the effect of ${job} has no amount`;
      this.#findings.add('inconclusive', { kind: 'no-amount', job, at, detail });
      return;
    }
    this.#totalCents += amountCents;
    if (account === undefined) this.#withoutAccount += 1;
    else this.#sums.set(account, (this.#sums.get(account) ?? 0) + amountCents);
  }

  #compare(balances: Readonly<Record<string, number>>): void {
    const heldCents = sum(Object.values(balances));
    if (!Number.isSafeInteger(heldCents) || !Number.isSafeInteger(this.#totalCents)) {
      this.#inconclusive('too-large', 'the sums are beyond what numbers hold exactly');
      return;
    }
    if (heldCents !== this.#totalCents) {
      const detail = `the effects add up to ${this.#totalCents} cents, the balances to ${heldCents}`;
      this.#findings.add('fail', { kind: 'total-differs', detail });
    }
    // An effect of several credits does not say which accounts it touched.
    if (this.#withoutAccount > 0) return;
    for (const account of new Set([...this.#sums.keys(), ...Object.keys(balances)])) {
      const expected = this.#sums.get(account) ?? 0;
      const found = Object.hasOwn(balances, account) ? balances[account]! : 0;
      if (expected === found) continue;
      const detail = `account ${account} holds ${found} cents, its effects add up to ${expected}`;
      this.#findings.add('fail', { kind: 'balance-differs', detail });
    }
  }

  #inconclusive(kind: string, detail: string): void {
    this.#findings.add('inconclusive', { kind, detail });
  }
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
