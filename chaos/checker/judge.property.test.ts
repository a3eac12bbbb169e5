import type { EffectOperation, Operation } from '@understudy/history';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExampleHistory } from './example-history.test-support.ts';
import { judge } from './judge.ts';
import type { CheckerName, Verdict } from './verdict.ts';

/** What decides how a correct run went. */
interface Run {
  readonly mode: 'active-passive' | 'active-active';
  /** For each job: its account, whether it is enqueued twice, which node does it. */
  readonly jobs: readonly { account: number; copy: boolean; node: number; amount: number }[];
  /** After which job the leader changes, with the fault that made it. */
  readonly changes: readonly { after: number; fault: 'kill' | 'stop' | 'pause' }[];
  /** How many jobs may be enqueued ahead of their effects. */
  readonly ahead: number;
  readonly finalOnly: number;
}

const job = fc.record({
  account: fc.integer({ min: 1, max: 3 }),
  copy: fc.boolean(),
  node: fc.integer({ min: 1, max: 3 }),
  amount: fc.integer({ min: 1, max: 5 }),
});

const aRun: fc.Arbitrary<Run> = fc.record({
  mode: fc.constantFrom('active-passive', 'active-active'),
  jobs: fc.array(job, { minLength: 4, maxLength: 25 }),
  changes: fc.array(
    fc.record({
      after: fc.integer({ min: 0, max: 20 }),
      fault: fc.constantFrom('kill', 'stop', 'pause'),
    }),
    { maxLength: 3 },
  ),
  ahead: fc.integer({ min: 1, max: 6 }),
  finalOnly: fc.integer({ min: 0, max: 2 }),
});

/** The history of a fleet that kept every promise, whatever was done to it. */
class CorrectFleet {
  readonly history: ExampleHistory;
  readonly #run: Run;
  readonly #leads: boolean;
  #epoch = 1;
  #incarnations = 0;
  #enqueued = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#leads = run.mode === 'active-passive';
    const schedule = run.changes.map(({ fault }, index) => ({
      id: `f${index}`,
      fault,
      target: 'leader',
    }));
    const expectations = { epochs: this.#leads, ordered: true, schedule };
    this.history = new ExampleHistory(expectations, { mode: run.mode });
    this.#begin();
    for (let done = 0; done < run.jobs.length; done++) {
      while (this.#enqueued < Math.min(run.jobs.length, done + run.ahead)) this.#enqueue();
      run.changes.forEach(({ after, fault }, index) => {
        if (after % run.jobs.length === done) this.#change(fault, `f${index}`);
      });
      this.#work(done);
    }
    this.history.end();
  }

  get #leader(): string {
    return `node-${(this.#epoch % 3) + 1}`;
  }

  #begin(): void {
    for (const node of this.history.header.nodes) this.history.state(node, 'passive');
    if (this.#leads) this.history.leads(this.#leader, this.#epoch, this.#incarnation());
  }

  #enqueue(): void {
    const { account, amount: amountCents, copy } = this.#run.jobs[this.#enqueued]!;
    const id = `p-${++this.#enqueued}`;
    const payment = { account: `acc-${account}`, amountCents };
    this.history.enqueue(id, payment);
    if (copy) this.history.enqueue(id, { ...payment, copy: 2 });
  }

  #change(fault: string, id: string): void {
    const target = this.#leads ? this.#leader : 'node-1';
    this.history.hit(fault, target, { id }).fault('healed', fault, target, { id });
    if (!this.#leads) return;
    this.history.state(target, 'down', { incarnation: this.#incarnation() });
    this.#epoch += 1;
    this.#incarnations += 1;
    this.history.leads(this.#leader, this.#epoch, this.#incarnation());
  }

  #work(index: number): void {
    const { account, amount: amountCents, node: chosen } = this.#run.jobs[index]!;
    const node = this.#leads ? this.#leader : `node-${chosen}`;
    const id = `p-${index + 1}`;
    const incarnation = this.#incarnation();
    this.history.attempt(id, node, incarnation);
    const last = index >= this.#run.jobs.length - this.#run.finalOnly;
    this.history.effect(id, {
      node,
      incarnation,
      account: `acc-${account}`,
      amountCents,
      source: last ? 'final' : 'live',
      ...(this.#leads ? { epoch: this.#epoch, term: `term-${this.#epoch}` } : {}),
    });
  }

  #incarnation(): string {
    return `incarnation-${this.#incarnations}`;
  }
}

/** Judges the operations of a history after `change`, numbered anew. */
function judgedAfter(
  history: ExampleHistory,
  change: (operations: readonly Operation[]) => readonly Operation[],
): Verdict {
  const changed = change(history.operations).map((operation, index) => ({
    ...operation,
    seq: index + 1,
  }));
  return judge(history.header, changed);
}

function refutedBy({ checkers }: Verdict): CheckerName[] {
  return checkers.filter(({ verdict }) => verdict === 'fail').map(({ checker }) => checker);
}

function effectsOf({ operations }: ExampleHistory): EffectOperation[] {
  return operations.filter((operation) => operation.op === 'effect');
}

/** The index of one of `count`, as `random` (0 to 1) says. */
function picked(random: number, count: number): number {
  return Math.min(count - 1, Math.floor(random * count));
}

const chance = fc.double({ min: 0, max: 1, noNaN: true });

describe('a correct run passes', () => {
  test('whatever was done to it', () => {
    fc.assert(
      fc.property(aRun, (run) => {
        const { status, checkers, counts } = new CorrectFleet(run).history.judged();
        expect({ status, checkers: checkers.filter(({ verdict }) => verdict === 'fail') }).toEqual({
          status: 'pass',
          checkers: [],
        });
        expect(counts).toMatchObject({ accepted: run.jobs.length, ok: run.jobs.length });
        expect(counts).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, inversions: 0 });
      }),
    );
  });
});

describe('one change to a correct run refutes it:', () => {
  /** Asserts that `mutate` is refuted, by `checker` among others. */
  function refutes(
    checker: CheckerName,
    mutate: (
      operations: readonly Operation[],
      effect: EffectOperation,
      other: EffectOperation,
    ) => readonly Operation[],
    runs: fc.Arbitrary<Run> = aRun,
  ): void {
    fc.assert(
      fc.property(runs, chance, chance, (run, first, second) => {
        const { history } = new CorrectFleet(run);
        const effects = effectsOf(history);
        const effect = effects[picked(first, effects.length)]!;
        const others = effects.filter((candidate) => candidate !== effect);
        const other = others[picked(second, others.length)]!;
        const verdict = judgedAfter(history, (operations) => mutate(operations, effect, other));
        expect(verdict.status).toBe('fail');
        expect(refutedBy(verdict)).toContain(checker);
      }),
    );
  }

  test('an effect is dropped', () => {
    refutes('outcome', (operations, effect) => operations.filter((one) => one !== effect));
  });

  test('an effect is done twice', () => {
    refutes('outcome', (operations, effect) => {
      const again = { ...effect, position: effect.position + 1000, id: '1000-0' };
      return operations.flatMap((one) => (one === effect ? [one, again] : [one]));
    });
  });

  test('an effect goes to another job', () => {
    refutes('outcome', (operations, effect, other) =>
      operations.map((one) => (one === effect ? { ...effect, job: other.job } : one)),
    );
  });

  test('two jobs exchange their effects', () => {
    const distinct = aRun.map((run) => ({
      ...run,
      jobs: run.jobs.map((one, index) => ({ ...one, amount: index + 1 })),
    }));
    refutes(
      'outcome',
      (operations, effect, other) =>
        operations.map((one) => {
          if (one === effect) return { ...effect, job: other.job };
          return one === other ? { ...other, job: effect.job } : one;
        }),
      distinct,
    );
  });

  test('an enqueue never happened', () => {
    refutes('outcome', (operations, effect) =>
      operations.filter((one) => one.op !== 'enqueue' || one.job !== effect.job),
    );
  });

  test('an effect has another amount', () => {
    refutes('conservation', (operations, effect) =>
      operations.map((one) =>
        one === effect ? { ...effect, amountCents: effect.amountCents! + 1 } : one,
      ),
    );
  });

  test('a balance is off by a cent', () => {
    refutes('conservation', (operations, effect) =>
      operations.map((one) => {
        if (one.op !== 'end') return one;
        const account = effect.account!;
        return { ...one, balances: { ...one.balances, [account]: one.balances![account]! + 1 } };
      }),
    );
  });

  test('an entry of the effect log was never read', () => {
    refutes('outcome', (operations) =>
      operations.map((one) =>
        one.op === 'end' ? { ...one, entriesAdded: one.entriesAdded + 1 } : one,
      ),
    );
  });

  const led = aRun.map((run) => ({ ...run, mode: 'active-passive' as const }));

  test('an effect loses its epoch', () => {
    refutes(
      'fencing',
      (operations, effect) =>
        operations.map((one) => (one === effect ? { ...effect, epoch: undefined } : one)),
      led,
    );
  });

  test('another node has an effect under the leader’s epoch', () => {
    refutes(
      'fencing',
      (operations, effect) =>
        operations.map((one) => (one === effect ? { ...effect, node: 'node-9' } : one)),
      led,
    );
  });

  test('a deposed leader has an effect after its successor', () => {
    refutes(
      'fencing',
      (operations, effect) => {
        const fresh = { epoch: effect.epoch! + 10, term: 'fresh', node: 'node-8' };
        const newer = { ...effect, ...fresh, job: 'p-x', position: 1000 };
        const stale = { ...effect, job: 'p-y', position: 1001 };
        return [...operations.slice(0, -1), newer, stale, ...operations.slice(-1)];
      },
      led,
    );
  });

  test('two effects of one account change places in the ledger', () => {
    const oneAccountOneAhead = aRun.map((run) => ({
      ...run,
      mode: 'active-active' as const,
      jobs: run.jobs.map((one) => ({ ...one, account: 1 })),
    }));
    refutes(
      'order',
      (operations, effect, other) =>
        operations.map((one) => {
          if (one === effect) return { ...effect, position: other.position };
          return one === other ? { ...other, position: effect.position } : one;
        }),
      oneAccountOneAhead,
    );
  });
});

test('every accepted job stands in exactly one count, whatever the history', () => {
  const scraps = fc.array(
    fc.record({
      job: fc.integer({ min: 1, max: 6 }),
      what: fc.constantFrom('ok', 'fail', 'info', 'open', 'effect', 'vanished', 'regressed'),
    }),
    { maxLength: 30 },
  );
  const ids = fc.subarray(['p-1', 'p-2', 'p-3', 'p-4', 'p-5', 'p-6']);
  fc.assert(
    fc.property(scraps, ids, ids, fc.boolean(), (pieces, pendingJobs, parkedJobs, ended) => {
      const history = new ExampleHistory();
      for (const { job: n, what } of pieces) {
        if (what === 'effect') history.effect(`p-${n}`);
        else if (what === 'vanished') history.vanished(`p-${n}`, 1);
        else if (what === 'regressed') history.store('regressed');
        else history.enqueue(`p-${n}`, {}, what);
      }
      if (ended) history.end({ pendingJobs, parkedJobs, entriesAdded: 0, entriesRead: 0 });
      const { counts, checkers } = history.judged();
      for (const { reason } of checkers) expect(reason ?? '').not.toMatch(/crashed/);
      const { ok, lost, duplicated, unexpected, recovered, pending, parked, undecided } = counts;
      const sum = ok + lost + duplicated + unexpected + recovered + pending + parked + undecided;
      expect(sum).toBeLessThanOrEqual(6);
      expect(sum).toBeGreaterThanOrEqual(counts.accepted - counts.vanished);
    }),
  );
});
