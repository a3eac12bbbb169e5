import ts from 'typescript';
import { exportedDeclarations, parse } from '../syntax.ts';
import { filesMatching, type Rule, SOURCES } from '../tree.ts';

/** A docstring tells what a type cannot: shapes, units, when it throws. */
export const documentedExports: Rule = {
  claim: 'each export of the packages and of the lab has a docstring',
  findings(tree) {
    return filesMatching(tree, SOURCES).flatMap(([path, text]) =>
      exportedDeclarations(parse(path, text))
        .filter(({ statement }) => ts.getJSDocCommentsAndTags(statement).length === 0)
        .map(({ name }) => `${path}: ${name} has no docstring`),
    );
  },
  offences: {
    'a bare function': { 'packages/queue/src/lane.ts': 'export function lane(): void {}' },
    'a bare constant': { 'chaos/faults/kill.ts': 'export const kill = 1;' },
    'a bare type': { 'packages/queue/src/job.ts': 'export interface Job {}' },
    'a comment that is no docstring': {
      'chaos/faults/kill.ts': '// Kills.\nexport const kill = 1;',
    },
  },
};
