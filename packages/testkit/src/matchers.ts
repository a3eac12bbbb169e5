// A setup module, as vitest has them: importing it adds the matchers to `expect`, and their types.
import { type RunResult, runResultSchema } from 'understudy';
import { expect } from 'vitest';
import {
  type AnomalyKind,
  type Assertion,
  exactlyOnce,
  failOverWithin,
  landed,
  oneEffectiveLeader,
  refutedBy,
} from './assertion.ts';
import { failureMessage } from './report.ts';

type FaultName = RunResult['faults'][number]['fault'];

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown> {
    /** Every accepted job took effect once, and the balances agree. */
    toBeExactlyOnce(): R;
    /** Effects were accepted from one leader at a time (active-passive). */
    toHaveOneEffectiveLeader(): R;
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
    return conclude(this, received, 'to be exactly once', exactlyOnce);
  },
  toHaveOneEffectiveLeader(received: unknown) {
    return conclude(this, received, 'to have one effective leader', oneEffectiveLeader);
  },
  toFailOverWithin(received: unknown, limitMs: number) {
    return conclude(this, received, `to fail over within ${limitMs} ms`, (run) =>
      failOverWithin(run, limitMs),
    );
  },
  toBeRefutedBy(received: unknown, anomaly: AnomalyKind) {
    return conclude(this, received, `to be refuted by ${anomaly}`, (run) =>
      refutedBy(run, anomaly),
    );
  },
  toHaveLanded(received: unknown, fault: FaultName) {
    return conclude(this, received, `to have landed every ${fault}`, (run) => landed(run, fault));
  },
});

/** `pass` as vitest wants it: an unknown outcome fails the assertion and its negation alike. */
function conclude(
  { isNot }: { readonly isNot: boolean },
  received: unknown,
  expectation: string,
  judge: (run: RunResult) => Assertion,
): { pass: boolean; message: () => string } {
  const parsed = runResultSchema.safeParse(received);
  const told = `the run ${isNot ? 'not ' : ''}${expectation}`;
  if (!parsed.success) {
    const message = (): string => `expected ${told}, but this is not what lab.run() resolves with`;
    return { pass: isNot, message };
  }
  const assertion = judge(parsed.data);
  const message = (): string => failureMessage(told, assertion, parsed.data);
  return { pass: assertion.kind === 'unknown' ? isNot : assertion.kind === 'holds', message };
}
