import type { HistoryHeader } from '@understudy/history';
import { describe, expect, test } from 'vitest';
import type { Checker } from './checker.ts';
import { ExampleHistory } from './example-history.test-support.ts';
import { Findings } from './findings.ts';
import { allCheckers, judge } from './judge.ts';
import { outcome } from './outcome.ts';

/** A run without a fault in which all is well. */
function good(): ExampleHistory {
  return new ExampleHistory().leads('node-1', 1).enqueue('p-1').effect('p-1').end();
}

/** A checker that finds what it is told, or throws where it is told. */
function checker(script: {
  finds?: 'fail' | 'inconclusive' | 'note';
  throws?: 'applies' | 'start' | 'step' | 'finish';
  unlike?: string;
}): Checker {
  const at = (place: string): void => {
    if (script.throws === place) throw new TypeError(`broken in ${place}`);
  };
  return {
    name: 'order',
    expectation: 'whatever',
    applies: () => {
      at('applies');
      return script.unlike ?? true;
    },
    start: () => {
      at('start');
      return {
        step: () => at('step'),
        finish: () => {
          at('finish');
          const findings = new Findings();
          if (script.finds) findings.add(script.finds, { kind: 'found', detail: 'something' });
          return { findings, observed: 'seen' };
        },
      };
    },
  };
}

function statusWith(...checkers: Checker[]): string {
  const { header, operations } = good();
  return judge(header, operations, { checkers }).status;
}

describe('a run', () => {
  test('passes when no checker refutes it', () => {
    const { status, checkers, reason } = good().judged();
    expect(status).toBe('pass');
    expect(reason).toBeUndefined();
    expect(checkers.map(({ checker, verdict }) => [checker, verdict])).toEqual([
      ['outcome', 'pass'],
      ['fencing', 'pass'],
      ['order', 'not-applicable'],
      ['conservation', 'pass'],
      ['liveness', 'pass'],
      ['steady', 'pass'],
      ['landed', 'pass'],
    ]);
  });

  test('is told of by each checker with expectation, limit and observed value', () => {
    for (const result of good().judged().checkers) {
      expect(result.expectation).toMatch(/\w+ \w+/);
      expect(result.observed).not.toBe('');
      if (result.verdict === 'pass') expect(result.limit).toBeDefined();
      else expect(result.reason).toMatch(/\w+ \w+/);
    }
  });

  test('fails before it is inconclusive before it passes', () => {
    const [pass, doubt] = [checker({ finds: 'note' }), checker({ finds: 'inconclusive' })];
    const fail = checker({ finds: 'fail' });
    expect(statusWith(pass, pass)).toBe('pass');
    expect(statusWith(pass, doubt)).toBe('inconclusive');
    expect(statusWith(doubt, fail, pass)).toBe('fail');
  });

  test('is not judged by what does not apply, and cannot pass on that alone', () => {
    const apart = checker({ unlike: 'not promised', finds: 'fail' });
    expect(statusWith(apart, checker({}))).toBe('pass');
    expect(statusWith(apart)).toBe('inconclusive');
    expect(statusWith()).toBe('inconclusive');
  });

  test('that is torn cannot pass, and can be refuted', () => {
    expect(good().judged({ torn: true })).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringMatching(/torn/) as string,
    });
    const refuted = new ExampleHistory().enqueue('p-1').effect('p-1').effect('p-1');
    expect(refuted.judged({ torn: true }).status).toBe('fail');
  });
});

describe('a checker that crashes', () => {
  test.each(['applies', 'start', 'step', 'finish'] as const)(
    'in %s is inconclusive, says why, and lets the others go on',
    (throws) => {
      const { header, operations } = good();
      const verdict = judge(header, operations, { checkers: [checker({ throws }), outcome] });
      expect(verdict.status).toBe('inconclusive');
      expect(verdict.checkers).toMatchObject([
        { verdict: 'inconclusive', reason: `the checker crashed: broken in ${throws}` },
        { checker: 'outcome', verdict: 'pass' },
      ]);
    },
  );

  test('does not hide that another refuted the run', () => {
    expect(statusWith(checker({ throws: 'step' }), checker({ finds: 'fail' }))).toBe('fail');
  });
});

test('there is one checker of each name', () => {
  const names = allCheckers.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual([
    'outcome',
    'fencing',
    'order',
    'conservation',
    'liveness',
    'steady',
    'landed',
  ]);
});

test('an uncoordinated fleet without keys and epochs is refuted by its duplicates', () => {
  const expectations = { epochs: false, idempotency: false };
  const header: Partial<HistoryHeader> = { mode: 'uncoordinated' };
  const history = new ExampleHistory(expectations, header).enqueue('p-1').attempt('p-1');
  history.attempt('p-1', 'node-2').effect('p-1', { key: undefined });
  history.effect('p-1', { key: undefined, node: 'node-2' }).end();
  const { status, checkers, counts } = history.judged();
  expect(status).toBe('fail');
  expect(checkers.filter(({ verdict }) => verdict === 'fail')).toMatchObject([
    { checker: 'outcome', totals: { duplicated: 1 } },
  ]);
  expect(counts.duplicatedJobs).toEqual(['p-1']);
});
