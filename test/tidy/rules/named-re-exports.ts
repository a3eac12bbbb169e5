import ts from 'typescript';
import { parse } from '../syntax.ts';
import { filesMatching, type Rule } from '../tree.ts';

const INDEX = /^(packages\/[^/]+\/src|chaos)\/index\.ts$/;

/** What a package offers is a decision, made name by name in one place. */
export const namedReExports: Rule = {
  claim: 'a package lists what it offers name by name, in an index that does nothing else',
  findings(tree) {
    const stars = filesMatching(tree, /\.ts$/)
      .filter(([, text]) => /^export (type )?\*/m.test(text))
      .map(([path]) => `${path}: list the names instead of exporting all`);
    const others = filesMatching(tree, INDEX)
      .filter(([path, text]) => !parse(path, text).statements.every(ts.isExportDeclaration))
      .map(([path]) => `${path}: move what is not a re-export to a file of its own`);
    return [...stars, ...others];
  },
  offences: {
    'an export of everything': { 'packages/redis/src/index.ts': "export * from './keys.ts';" },
    'an index with code': { 'packages/redis/src/index.ts': 'export const port = 6379;' },
    'an index with effects': { 'chaos/index.ts': "import './start.ts';" },
  },
};
