import { describe, expect, expectTypeOf, it } from 'vitest';
import './matchers.ts';
import { doubled, inconclusive, passed } from './results.test-support.ts';

/** What a failing assertion prints. */
function messageOf(assertion: () => void): string {
  try {
    assertion();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'the assertion passed';
}

/** Every matcher and its negation, asked of anything. */
const ALL: readonly (readonly [string, (received: unknown) => void])[] = [
  ['toBeExactlyOnce', (run) => expect(run).toBeExactlyOnce()],
  ['not.toBeExactlyOnce', (run) => expect(run).not.toBeExactlyOnce()],
  ['toHaveOneEffectiveLeader', (run) => expect(run).toHaveOneEffectiveLeader()],
  ['not.toHaveOneEffectiveLeader', (run) => expect(run).not.toHaveOneEffectiveLeader()],
  ['toKeepOrder', (run) => expect(run).toKeepOrder()],
  ['not.toKeepOrder', (run) => expect(run).not.toKeepOrder()],
  ['toFailOverWithin', (run) => expect(run).toFailOverWithin(500)],
  ['not.toFailOverWithin', (run) => expect(run).not.toFailOverWithin(500)],
  ['toBeRefutedBy', (run) => expect(run).toBeRefutedBy('duplicated')],
  ['not.toBeRefutedBy', (run) => expect(run).not.toBeRefutedBy('duplicated')],
  ['toHaveLanded', (run) => expect(run).toHaveLanded('kill')],
  ['not.toHaveLanded', (run) => expect(run).not.toHaveLanded('kill')],
];

it('a run that nothing refuted satisfies the matchers, and not their negations', () => {
  const run = passed();
  expect(run).toBeExactlyOnce();
  expect(run).toHaveOneEffectiveLeader();
  expect(run).toKeepOrder();
  expect(run).toFailOverWithin(500);
  expect(run).toHaveLanded('kill');
  expect(run).not.toBeRefutedBy('duplicated');
  expect(() => expect(run).not.toBeExactlyOnce()).toThrow(
    'expected the run not to be exactly once',
  );
});

it('a refuted run satisfies the negations', () => {
  expect(doubled()).not.toBeExactlyOnce();
  expect(doubled()).toBeRefutedBy('duplicated');
});

describe('a failing matcher', () => {
  it('prints the jobs, the first anomalies, the seed, the path and how to try again', () => {
    const message = messageOf(() => expect(doubled()).toBeExactlyOnce());
    for (const part of [
      ...['duplicated: p-17', '- duplicated: p-17 is', 'seed 4711', 'run: /runs/r-1'],
      'replay: npx understudy replay /runs/r-1',
      "src/matchers.test.ts -t '^a failing matcher > prints the jobs, the first anomalies, the seed,",
    ]) {
      expect(message).toContain(part);
    }
  });

  it('prints what happened around the violation it is about, before any other', () => {
    const sequence = [{ at: 3, who: 'ledger', what: 'EFFECT of p-17 again', own: true }];
    const violation = { kind: 'duplicated', total: 1, detail: 'p-17 twice', job: 'p-17', sequence };
    const explanations = [
      { ...violation, checker: 'fencing', kind: 'epoch-decreased', sequence: [] },
      { ...violation, checker: 'outcome' },
    ] as const;
    const message = messageOf(() => expect(doubled({ explanations })).toBeExactlyOnce());
    expect(message).toContain('What happened around the only duplicated (outcome)');
    expect(message).toMatch(/> +3\.0 +ledger +EFFECT of p-17 again/);
    expect(message).not.toContain('epoch-decreased (fencing)');
  });

  it('needs no history to say what failed', () => {
    const late = passed({ directory: '/no/such/run' });
    expect(messageOf(() => expect(late).toFailOverWithin(37))).toContain('node-2: 38 ms');
  });
});

describe('an inconclusive run', () => {
  it.each(ALL)('does not satisfy %s, and says why', (_name, assertion) => {
    expect(messageOf(() => assertion(inconclusive()))).toMatch(
      /can neither satisfy nor refute[^]*not-landed/,
    );
  });

  it('satisfies no matcher within another, negated or not', () => {
    const run = inconclusive();
    expect([{ run }]).not.toEqual([{ run: expect.toBeExactlyOnce() }]);
    expect([{ run: passed() }]).toEqual([{ run: expect.toBeExactlyOnce() }]);
  });
});

describe('what is no result of a run', () => {
  it.each(ALL)('satisfies neither a matcher nor its negation: %s', (_name, assertion) => {
    for (const received of [{}, undefined, Promise.resolve(passed()), 'pass']) {
      expect(messageOf(() => assertion(received))).toContain('not what lab.run()');
    }
  });
});

it('matchers are known to TypeScript with their arguments, and resolve to nothing', () => {
  const asserted = expect(passed());
  expectTypeOf(asserted.toFailOverWithin).toEqualTypeOf<(limitMs: number) => void>();
  expectTypeOf(asserted.not.toKeepOrder).toEqualTypeOf<() => void>();
  expectTypeOf(expect.soft(passed()).toBeExactlyOnce).returns.toEqualTypeOf<void>();
  expectTypeOf(expect(Promise.resolve(passed())).resolves.toBeExactlyOnce).returns.toEqualTypeOf<
    Promise<void>
  >();
  expectTypeOf(asserted.toHaveLanded).parameter(0).extract<'kill'>().toEqualTypeOf<'kill'>();
  expectTypeOf(asserted.toBeRefutedBy).parameter(0).extract<'lots'>().toBeNever();
});
