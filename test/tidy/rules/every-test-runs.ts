import { filesMatching, type Rule, TESTS } from '../tree.ts';

const SWITCHES = ['only', 'skip', 'todo', 'fails', 'skipIf', 'runIf'];
const SWITCHED = new RegExp(`\\b(it|test|describe|bench)(\\.\\w+)*\\.(${SWITCHES.join('|')})\\b`);

/**
 * A test that does not run proves nothing, and one that runs alone hides the others. What a machine may
 * lack is looked for by a `*.test-support.ts`, which gives its reason for leaving tests out; in CI they
 * fail all the same.
 */
export const everyTestRuns: Rule = {
  claim: 'no test is switched off, put off, expected to fail, or run alone',
  findings(tree) {
    return filesMatching(tree, TESTS).flatMap(([path, text]) => {
      const found = SWITCHED.exec(text)?.[0];
      return found ? [`${path}: ${found}`] : [];
    });
  },
  offences: Object.fromEntries(
    SWITCHES.map((name) => [name, { 'a.test.ts': `test.${name}('a claim', () => {});` }]),
  ),
};
