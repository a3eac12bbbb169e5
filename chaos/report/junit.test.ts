import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { renderJunit } from './junit.ts';
import { doubled, resultOf } from './results.test-support.ts';
import { type Suite, suiteOfRun } from './suite.ts';
import { expectWellFormed } from './xml.test-support.ts';

interface Element {
  readonly [name: string]: unknown;
}

interface Document {
  readonly testsuites: Element & { readonly testsuite: readonly (Element & Suites)[] };
}

interface Suites {
  readonly testcase: readonly Element[];
}

const parser = new XMLParser({
  ...{ ignoreAttributes: false, attributeNamePrefix: '', processEntities: true },
  ...{ parseAttributeValue: false, htmlEntities: true },
  isArray: (name) => name === 'testsuite' || name === 'testcase',
});

function parsed(suites: readonly Suite[]): Document['testsuites'] {
  const xml = renderJunit('understudy run', suites);
  expectWellFormed(xml);
  return (parser.parse(xml) as Document).testsuites;
}

const refuted = suiteOfRun(resultOf({ status: 'fail', checkers: [doubled] }));

it('counts what failed, what is unclear and what does not apply, and gives times in seconds', () => {
  const document = parsed([suiteOfRun(resultOf()), refuted]);
  const totals = { tests: '3', failures: '1', errors: '0', skipped: '1', time: '8.642' };
  expect(document).toMatchObject({ name: 'understudy run', ...totals });
  expect(document.testsuite.map(({ tests, failures }) => [tests, failures])).toEqual([
    ['2', '0'],
    ['1', '1'],
  ]);
});

it('a checker that refuted is a failure; what is inconclusive is an error, not skipped', () => {
  const unsure = { ...doubled, verdict: 'inconclusive', reason: 'f1 did not land' } as const;
  const unclear = suiteOfRun(resultOf({ status: 'inconclusive', checkers: [unsure] }));
  const { testsuite } = parsed([refuted, unclear]);
  const [failed, error] = testsuite.map(({ testcase }) => testcase[0]);
  expect(failed?.failure).toMatchObject({ message: '2 jobs took effect twice' });
  expect(error?.error).toMatchObject({ message: 'f1 did not land' });
  expect(error?.skipped).toBeUndefined();
});

describe('whatever a job or a node is called', () => {
  const nasty = 'a<b>&"\'\n]]>\t\u0000\u001b[31m\uD800 ü 🙂 --> <!-- %';

  it('the document is well-formed, and says it', () => {
    const checker = { ...doubled, reason: nasty, observed: nasty };
    const suite = suiteOfRun(
      resultOf({ experiment: nasty, status: 'fail', checkers: [checker], repeat: nasty }),
    );
    const { testsuite } = parsed([suite]);
    const readable = 'a<b>&"\'\n]]>\t\u{FFFD}\u{FFFD}[31m\u{FFFD} ü 🙂 --> <!-- %';
    const failure = testsuite[0]?.testcase[0]?.failure as Element;
    expect(failure.message).toBe(readable);
    expect(failure['#text']).toContain(readable);
  });
});
