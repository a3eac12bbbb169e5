// A setup module, as vitest has them: importing it adds the matchers to `expect`, and their types.
import { type FaultName, type RunResult, runResultSchema } from 'understudy';
import { expect } from 'vitest';
import {
  type AnomalyKind,
  type Assertion,
  exactlyOnce,
  failOverWithin,
  keepsOrder,
  landed,
  oneEffectiveLeader,
  refutedBy,
} from './assertion.ts';
import { type Failure, failureMessage } from './report.ts';

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Every accepted job took effect once, and the balances agree. */
    toBeExactlyOnce(): R;
    /** Effects were accepted from one leader at a time (active-passive). */
    toHaveOneEffectiveLeader(): R;
    /** Effects came in the order of enqueueing, account by account. */
    toKeepOrder(): R;
    /** Each takeover was over within `limitMs` of its fault, and there was at least one. */
    toFailOverWithin(limitMs: number): R;
    /** A checker failed, because of this anomaly. */
    toBeRefutedBy(anomaly: AnomalyKind): R;
    /** Every scheduled fault of this name landed, and there was at least one. */
    toHaveLanded(fault: FaultName): R;
  }
}

expect.extend({
  toBeExactlyOnce(received: unknown) {
    return conclude(this, received, {
      expectation: 'to be exactly once',
      about: ['outcome', 'conservation'],
      judge: exactlyOnce,
    });
  },
  toHaveOneEffectiveLeader(received: unknown) {
    return conclude(this, received, {
      expectation: 'to have one effective leader',
      about: ['fencing'],
      judge: oneEffectiveLeader,
    });
  },
  toKeepOrder(received: unknown) {
    return conclude(this, received, {
      expectation: 'to keep the order of enqueueing',
      about: ['order'],
      judge: keepsOrder,
    });
  },
  toFailOverWithin(received: unknown, limitMs: number) {
    return conclude(this, received, {
      expectation: `to fail over within ${limitMs} ms`,
      about: ['liveness'],
      judge: (run) => failOverWithin(run, limitMs),
    });
  },
  toBeRefutedBy(received: unknown, anomaly: AnomalyKind) {
    return conclude(this, received, {
      expectation: `to be refuted by ${anomaly}`,
      about: [],
      judge: (run) => refutedBy(run, anomaly),
    });
  },
  toHaveLanded(received: unknown, fault: FaultName) {
    return conclude(this, received, {
      expectation: `to have landed every ${fault}`,
      about: ['landed'],
      judge: (run) => landed(run, fault),
    });
  },
});

/** What a matcher asks of a run. */
interface Question extends Pick<Failure, 'expectation' | 'about'> {
  judge(run: RunResult): Assertion;
}

/** What vitest says of the assertion. */
interface Circumstances {
  readonly isNot: boolean;
  readonly testPath?: string;
  readonly currentTestName?: string;
}

/** `pass` as vitest wants it: an unknown outcome fails the assertion and its negation alike. */
function conclude(
  { isNot, testPath, currentTestName }: Circumstances,
  received: unknown,
  { expectation, about, judge }: Question,
): { pass: boolean; message: () => string } {
  const parsed = runResultSchema.safeParse(received);
  const told = `the run ${isNot ? 'not ' : ''}${expectation}`;
  if (!parsed.success) {
    const message = (): string => `expected ${told}, but this is not what lab.run() resolves with`;
    return { pass: isNot, message };
  }
  const run = parsed.data;
  const assertion = judge(run);
  const test =
    testPath === undefined || !currentTestName
      ? undefined
      : { path: testPath, name: currentTestName };
  const message = (): string => failureMessage({ expectation: told, assertion, run, about, test });
  return { pass: assertion.kind === 'unknown' ? isNot : assertion.kind === 'holds', message };
}
