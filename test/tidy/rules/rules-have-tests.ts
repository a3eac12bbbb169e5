import { parse, testNames } from '../syntax.ts';
import { filesMatching, type Rule, TESTS } from '../tree.ts';

/** The numbered rules of the runtime: leadership, commits, recovery. */
const RULES = [...numbered('L', 11), ...numbered('C', 5), ...numbered('R', 3)];

/** Each numbered rule was made because a fleet broke without it: a test named after it shows how. */
export const rulesHaveTests: Rule = {
  claim: 'each rule L1 to L11, C1 to C5, R1 to R3 has a test that carries its number',
  findings(tree) {
    const names = filesMatching(tree, TESTS)
      .flatMap(([path, text]) => testNames(parse(path, text)))
      .join('\n');
    return RULES.filter((rule) => !new RegExp(`\\b${rule}\\b`).test(names)).map(
      (rule) => `no test is named after ${rule}`,
    );
  },
  offences: {
    'no tests': {},
    'all but L1 tested': testsOf(RULES.filter((rule) => rule !== 'L1')),
    'a rule in a comment only': {
      ...testsOf(RULES.slice(1)),
      'b.test.ts': `// ${RULES[0]}\ntest('something', () => {});`,
    },
  },
};

function numbered(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
}

function testsOf(rules: readonly string[]): Record<string, string> {
  return { 'a.test.ts': rules.map((rule) => `test('${rule}: holds', () => {});`).join('\n') };
}
