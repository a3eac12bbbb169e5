import { expect, it } from 'vitest';
import { catalogue } from '../audit/catalogue.ts';
import type { AuditRow } from '../audit/matrix.ts';
import { suiteOfAudit } from './audit-suite.ts';
import { suiteOfCompared } from './compare-suites.ts';
import type { Explanation } from './result.ts';
import { counts, doubled, resultOf } from './results.test-support.ts';
import { type Case, type Suite, suiteOfMissing, suiteOfRun } from './suite.ts';

const kinds = ({ cases }: Suite): string[] =>
  cases.map(({ name, outcome }: Case) => `${name} ${outcome.kind}`);

const control = resultOf({ mode: 'uncoordinated', status: 'fail', checkers: [doubled] });

it('a run is a suite and each checker a case; what does not apply is skipped', () => {
  const suite = suiteOfRun(resultOf());
  expect(suite.name).toBe('failover · active-passive · seed 7');
  expect(kinds(suite)).toEqual(['outcome passed', 'fencing skipped']);
});

it('a case that failed says what was expected, what was seen, and how to repeat it', () => {
  const explanation: Explanation = {
    ...{ checker: 'outcome', kind: 'duplicated', total: 2, detail: 'p-17 twice', job: 'p-17' },
    sequence: [{ at: 12.5, who: 'ledger', what: 'EFFECT of p-17', own: true }],
  };
  const [failed] = suiteOfRun(
    resultOf({
      ...{ status: 'fail', checkers: [doubled], explanations: [explanation] },
      repeat: 'npx understudy run failover --seed 7',
    }),
  ).cases;
  if (!failed || failed.outcome.kind !== 'failed') throw new TypeError('it did not fail');
  const text = failed.outcome.detail.join('\n');
  for (const part of [
    'expected: every accepted job takes effect exactly once',
    'observed: 2 jobs took effect twice',
    'p-17 took effect by node-1 and again by node-2',
    'EFFECT of p-17',
    'repeat: npx understudy run failover --seed 7',
    'directory: /home/ada/fleet/.understudy/runs/r-1',
  ]) {
    expect(text).toContain(part);
  }
});

it('what is inconclusive is unclear, and never passed', () => {
  const unsure = { ...doubled, verdict: 'inconclusive', reason: 'f1 did not land' } as const;
  expect(kinds(suiteOfRun(resultOf({ status: 'inconclusive', checkers: [unsure] })))).toEqual([
    'outcome unclear',
  ]);
});

it('a run that no checker blames and that is no success has a case that says why', () => {
  const interrupted = resultOf({ status: 'interrupted', checkers: [], reason: 'Ctrl-C' });
  expect(kinds(suiteOfRun(interrupted))).toEqual(['run unclear']);
  const torn = suiteOfRun(resultOf({ status: 'inconclusive', reason: 'the history is torn' }));
  expect(kinds(torn)).toContain('run unclear');
  expect(kinds(suiteOfMissing(2))).toEqual(['run unclear']);
});

it('the control of a comparison passes when a job took effect twice, and only then', () => {
  const refuted = { ...control, counts: { ...counts, duplicated: 2 } };
  expect(suiteOfCompared(refuted)).toMatchObject({ status: 'pass' });
  expect(kinds(suiteOfCompared(refuted))).toEqual(['is refuted, as it must be passed']);
  for (const other of [control, resultOf({ mode: 'uncoordinated' })]) {
    expect(kinds(suiteOfCompared(other))).toEqual(['is refuted, as it must be unclear']);
  }
  expect(kinds(suiteOfCompared(resultOf()))).toEqual(kinds(suiteOfRun(resultOf())));
});

it('an audit is a suite and each saboteur a case, which fails when the lab did not see it', () => {
  const [entry] = catalogue;
  if (!entry) throw new TypeError('the catalogue is empty');
  const runs = { sabotaged: resultOf(), twin: resultOf(), found: [] };
  const rows = (['caught', 'missed', 'not-the-saboteur', 'unclear', 'not-run'] as const).map(
    (verdict): AuditRow => ({ entry, verdict, detail: verdict, ...runs }),
  );
  const { cases } = suiteOfAudit(rows, 'fail');
  expect(cases.map(({ outcome }) => outcome.kind)).toEqual([
    'passed',
    'failed',
    'failed',
    'unclear',
    'unclear',
  ]);
});
