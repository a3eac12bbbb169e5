import { describe, expect, it } from 'vitest';
import { annotationsOf, summaryOf } from './github.ts';
import { doubled, resultOf } from './results.test-support.ts';
import { suiteOfRun } from './suite.ts';

const refuted = suiteOfRun(
  resultOf({
    ...{ status: 'fail', checkers: [doubled], experiment: 'failover' },
    repeat: 'npx understudy run failover',
  }),
);
const unsure = { ...doubled, verdict: 'inconclusive', reason: '50 %: f1, f2\nnot landed' } as const;
const unclear = suiteOfRun(resultOf({ status: 'inconclusive', checkers: [unsure] }));

describe('annotations', () => {
  it('are an error for what is refuted, with the directory and the command that repeats it', () => {
    expect(annotationsOf(refuted)).toEqual([
      '::error title=failover · active-passive · seed 7%3A outcome refuted::2 jobs took effect twice%0Arun: /home/ada/fleet/.understudy/runs/r-1%0Arepeat: npx understudy run failover',
    ]);
  });

  it('are a warning for what is inconclusive, and one line whatever is in them', () => {
    const [line] = annotationsOf(unclear);
    expect(line).toMatch(/^::warning title=[^:,]*::50 %25: f1, f2%0Anot landed%0Arun: /);
    expect(line).not.toContain('\n');
  });

  it('there are none of a run that nothing refutes', () => {
    expect(annotationsOf(suiteOfRun(resultOf()))).toEqual([]);
  });

  it('a comma or a colon in a name does not end the title', () => {
    const odd = suiteOfRun(resultOf({ experiment: 'a,b:c', status: 'fail', checkers: [doubled] }));
    expect(annotationsOf(odd)[0]).toMatch(/^::error title=a%2Cb%3Ac /);
  });
});

describe('the summary of a step', () => {
  it('has a line for each run, and tells of each that is no success', () => {
    const text = summaryOf('understudy run', [suiteOfRun(resultOf()), refuted]);
    expect(text).toContain('| failover · active\\-passive · seed 7 | pass |  | 4.32 s |');
    expect(text).toContain('| failover · active\\-passive · seed 7 | FAIL | outcome | 4.32 s |');
    expect(text.match(/^### /gm)).toHaveLength(1);
    expect(text).toContain('observed: 2 jobs took effect twice');
  });

  it('nothing that comes from outside is markup', () => {
    const nasty = '<img src=x> | `x` [a](b) **b**\n# c';
    const checker = { ...doubled, reason: nasty, observed: 'a ``` b' };
    const odd = resultOf({ experiment: nasty, status: 'fail', checkers: [checker] });
    const text = summaryOf('understudy run', [suiteOfRun(odd)]);
    const [outside = '', block = ''] = text.split('````');
    expect(outside).not.toMatch(/<img|[^\\]`|[^\\]\*|^# c/m);
    expect(
      outside
        .split('\n')
        .find((line) => line.includes('FAIL'))
        ?.match(/(?<!\\)\|/g),
    ).toHaveLength(5);
    expect(block).toContain('a ``` b');
  });

  it('of many runs only the first are told, and how many more there are', () => {
    const text = summaryOf(
      'understudy run',
      Array.from({ length: 25 }, () => refuted),
    );
    expect(text.match(/^### /gm)).toHaveLength(20);
    expect(text).toContain('What is wrong with 5 more');
  });
});
