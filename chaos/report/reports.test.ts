import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { renderCompare } from './compare-report.ts';
import { activeActive, activePassive, uncoordinated } from './handmade.test-support.ts';
import { outcomeOf } from './outcome.ts';
import { plainPaint } from './paint.ts';
import type { RunResult } from './result.ts';
import { counts, doubled, fencing, resultOf } from './results.test-support.ts';
import { renderRun } from './run-report.ts';

const CWD = '/home/ada/fleet';
const refuted = resultOf({
  ...{ status: 'fail', mode: 'uncoordinated', checkers: [doubled, fencing] },
  counts: { ...counts, duplicated: 2, duplicatedJobs: ['p-17', 'p-23'] },
});

const runReport = (result: RunResult, columns: number): string[] =>
  renderRun(result, { columns, paint: plainPaint }, CWD);

const compareReport = (results: readonly RunResult[], columns: number): string[] =>
  renderCompare(
    {
      results,
      histories: {
        passive: activePassive({ kill: true }),
        active: activeActive(),
        uncoordinated: uncoordinated(),
      },
      outcome: outcomeOf(results),
    },
    { columns, paint: plainPaint },
    CWD,
  );

const THREE = [resultOf(), resultOf({ mode: 'active-active' }), refuted];

describe.each([80, 200])('at %i columns', (columns) => {
  it('every line of the reports fits, except those that are there to be copied', () => {
    const copied = /understudy check|^ +\.understudy|^run: |^logs: /;
    const lines = [...runReport(resultOf(), columns), ...compareReport(THREE, columns)];
    for (const line of lines.filter((text) => !copied.test(text))) {
      expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it('a run shows each checker with expectation, limit and observed value', () => {
    const text = runReport(resultOf(), columns).join('\n').replaceAll(/\s+/g, ' ');
    for (const part of [
      'every accepted job takes effect exactly once',
      '300 of 300 jobs',
      '38 ms',
    ]) {
      expect(text).toContain(part);
    }
  });
});

it('a refuted run names the jobs concerned and its first anomalies', () => {
  const text = runReport(refuted, 80).join('\n');
  expect(text).toContain('outcome: 2 duplicated: p-17 and p-23');
  expect(text).toContain('p-17 took effect by node-1 and again by node-2');
  expect(text.split('\n').at(-1)).toBe('verdict: FAIL: refuted by outcome (2 duplicated)');
});

it('a report says where the run is and how to look further', () => {
  expect(runReport(resultOf(), 80)).toContain(
    'judge again: npx understudy check .understudy/runs/r-1/history.ndjson',
  );
});

it('attempts that nobody told are not counted as none', () => {
  const silent = resultOf({ counts: { ...counts, attempts: 0 } });
  expect(runReport(silent, 80).join('\n')).toContain('attempts not told');
  const idle = resultOf({ counts: { ...counts, attempts: 0, effects: 0 } });
  expect(runReport(idle, 80).join('\n')).toContain('0 attempts');
});

it('a fault that did not land is shown as such', () => {
  const [kill] = resultOf().faults;
  const missed = { ...kill, landed: false, evidence: 'never fired' } as RunResult['faults'][number];
  expect(runReport(resultOf({ faults: [missed] }), 80).join('\n')).toMatch(
    /f1 kill +node-1 +NO +never/,
  );
});

it('verdicts read the same without colours', () => {
  const colourful = renderRun(
    refuted,
    { columns: 80, paint: (_tone, text) => `\u001b[31m${text}\u001b[39m` },
    CWD,
  );
  expect(colourful.map(stripVTControlCharacters)).toEqual(runReport(refuted, 80));
});

describe('a comparison', () => {
  it('passes when neither mode was refuted and the control was', () => {
    expect(outcomeOf(THREE).status).toBe('pass');
    expect(compareReport(THREE, 80).at(-2)).toMatch(/^verdict: pass/);
  });

  it('is inconclusive when the control was not refuted', () => {
    expect(outcomeOf([...THREE.slice(0, 2), resultOf({ mode: 'uncoordinated' })]).status).toBe(
      'inconclusive',
    );
  });

  it('is inconclusive when the control was refuted by something else than a doubled effect', () => {
    const lost = resultOf({ status: 'fail', mode: 'uncoordinated' });
    expect(outcomeOf([...THREE.slice(0, 2), lost]).status).toBe('inconclusive');
  });

  it('fails when a mode was refuted, whatever the control did', () => {
    const failed = outcomeOf([resultOf({ status: 'fail' }), ...THREE.slice(1)]);
    expect(failed).toEqual({ status: 'fail', meaning: 'refuted: active-passive' });
  });

  it('is interrupted when one of its runs was', () => {
    expect(outcomeOf([resultOf({ status: 'interrupted' })]).status).toBe('interrupted');
  });
});
