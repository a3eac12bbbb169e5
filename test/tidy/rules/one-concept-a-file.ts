import ts from 'typescript';
import { parse } from '../syntax.ts';
import { filesMatching, type Rule, SOURCES } from '../tree.ts';

/** The type that declares a concept, and the folder that holds one file of each. */
const CONCEPTS = new Map([
  ['Fault', 'chaos/faults/'],
  ['Checker', 'chaos/checker/'],
  ['Experiment', 'chaos/experiments/'],
]);

interface Concept {
  readonly type: string;
  /** Its `name` property, where that is a plain text. */
  readonly name: string | undefined;
}

/** Faults, checkers and experiments: somebody who looks for one finds its file by its name. */
export const oneConceptAFile: Rule = {
  claim: 'each fault, checker and experiment has a file of its own, called as it is',
  findings(tree) {
    return filesMatching(tree, SOURCES).flatMap(([path, text]) => {
      const concepts = conceptsIn(path, text);
      if (concepts.length > 1) return [`${path}: declares ${concepts.length} of them; split it`];
      return concepts.flatMap((concept) => misplaced(path, concept));
    });
  },
  offences: {
    'two faults in one file': {
      'chaos/faults/kill.ts':
        "export const kill: Fault<K> = { name: 'kill' };\nexport const stop: Fault<S> = { name: 'stop' };",
    },
    'a checker under another name': {
      'chaos/checker/epochs.ts': "export const fencing: Checker = { name: 'fencing' };",
    },
    'an experiment in another folder': {
      'chaos/runner/kill-leader.ts': "export const one: Experiment = { name: 'kill-leader' };",
    },
  },
};

function conceptsIn(path: string, text: string): Concept[] {
  return parse(path, text)
    .statements.filter(ts.isVariableStatement)
    .flatMap((statement) =>
      statement.declarationList.declarations.flatMap(({ type, initializer }) => {
        const name = type && ts.isTypeReferenceNode(type) ? type.typeName.getText() : '';
        if (!CONCEPTS.has(name) || !initializer || !ts.isObjectLiteralExpression(initializer)) {
          return [];
        }
        return [{ type: name, name: nameProperty(initializer) }];
      }),
    );
}

function nameProperty(literal: ts.ObjectLiteralExpression): string | undefined {
  for (const property of literal.properties) {
    if (!ts.isPropertyAssignment(property) || property.name.getText() !== 'name') continue;
    if (ts.isStringLiteralLike(property.initializer)) return property.initializer.text;
  }
  return undefined;
}

function misplaced(path: string, { type, name }: Concept): string[] {
  const folder = CONCEPTS.get(type) ?? '';
  if (!path.startsWith(folder)) return [`${path}: a ${type} belongs in ${folder}`];
  // A folder below it gathers those of one place: `redis/kill.ts` beside `kill.ts`.
  if (name === undefined || path.endsWith(`/${name}.ts`)) return [];
  return [`${path}: the ${type} ${name} belongs in ${folder}${name}.ts`];
}
