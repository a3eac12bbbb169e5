import { describe, expect, it } from 'vitest';
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

it('a run that nothing refuted satisfies the matchers, and not their negations', () => {
  const run = passed();
  expect(run).toBeExactlyOnce();
  expect(run).toHaveOneEffectiveLeader();
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

it('a failing matcher prints the jobs, the first anomalies, the seed and the path', () => {
  const message = messageOf(() => expect(doubled()).toBeExactlyOnce());
  for (const part of ['duplicated: p-17', '- duplicated: p-17 is', 'seed 4711', 'runs/r-1']) {
    expect(message).toContain(part);
  }
});

describe('an inconclusive run', () => {
  const run = inconclusive();
  it.each([
    ['toBeExactlyOnce', () => expect(run).toBeExactlyOnce()],
    ['not.toBeExactlyOnce', () => expect(run).not.toBeExactlyOnce()],
    ['toHaveOneEffectiveLeader', () => expect(run).toHaveOneEffectiveLeader()],
    ['not.toHaveOneEffectiveLeader', () => expect(run).not.toHaveOneEffectiveLeader()],
    ['toFailOverWithin', () => expect(run).toFailOverWithin(500)],
    ['not.toFailOverWithin', () => expect(run).not.toFailOverWithin(500)],
    ['toBeRefutedBy', () => expect(run).toBeRefutedBy('duplicated')],
    ['not.toBeRefutedBy', () => expect(run).not.toBeRefutedBy('duplicated')],
    ['toHaveLanded', () => expect(run).toHaveLanded('kill')],
    ['not.toHaveLanded', () => expect(run).not.toHaveLanded('kill')],
  ])('does not satisfy %s, and says why', (_name, assertion) => {
    expect(messageOf(assertion)).toMatch(/can neither satisfy nor refute[^]*not-landed/);
  });
});

it('what is no result of a run satisfies neither a matcher nor its negation', () => {
  expect(messageOf(() => expect({}).toBeExactlyOnce())).toContain('not what lab.run()');
  expect(messageOf(() => expect({}).not.toBeExactlyOnce())).toContain('not what lab.run()');
});
