import { expect, test } from 'vitest';
import { plainPaint } from './paint.ts';
import { ratesOf, renderRates } from './rates.ts';
import { doubled, resultOf } from './results.test-support.ts';

const refuted = resultOf({
  status: 'fail',
  checkers: [{ ...doubled, decidedBy: ['duplicated', 'lost'] }],
});
const unclear = resultOf({ status: 'inconclusive' });

test('how often the same run was refuted, and by what', () => {
  const seven = [refuted, resultOf(), unclear, refuted];
  const eight = [resultOf({ seed: 8 })];
  expect(ratesOf([...seven, ...eight])).toEqual([
    {
      ...{ experiment: 'failover', mode: 'active-passive', seed: 7, runs: 4 },
      statuses: { fail: 2, pass: 1, inconclusive: 1 },
      kinds: { duplicated: 2, lost: 2 },
    },
    {
      ...{ experiment: 'failover', mode: 'active-passive', seed: 8, runs: 1 },
      ...{ statuses: { pass: 1 }, kinds: {} },
    },
  ]);
});

test('the table gives each rate as k of n', () => {
  const lines = renderRates(ratesOf([refuted, resultOf(), unclear]), {
    columns: 120,
    paint: plainPaint,
  });
  expect(lines.at(-1)).toMatch(
    /^failover +active-passive +7 +1 of 3 +duplicated in 1 run, lost in 1 run +1 of 3$/,
  );
});
