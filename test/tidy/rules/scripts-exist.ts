import { filesMatching, type Rule, type Tree } from '../tree.ts';

// `npm <name>` is short for `npm run <name>` with these.
const SHORT = ['start', 'test'];
const COMMAND = new RegExp(`\\bnpm (?:run (?:--silent )?([\\w:-]+)|(${SHORT.join('|')})\\b)`, 'g');

/** A command in a document is one that can be typed. */
export const scriptsExist: Rule = {
  claim: 'each npm script that a document or CI names exists',
  findings(tree) {
    const scripts = Object.keys(scriptsOf(tree));
    return filesMatching(tree, /(\.md|^\.ci\/run|^scripts\/.*\.mjs)$/).flatMap(([path, text]) =>
      [...text.matchAll(COMMAND)]
        .map(([, run, short]) => run ?? short ?? '')
        .filter((name) => !scripts.includes(name))
        .map((name) => `${path}: package.json has no script ${name}`),
    );
  },
  offences: {
    'a script that is gone': { 'README.md': 'run `npm run fly`', 'package.json': '{}' },
    'no test script': { 'README.md': 'run `npm test`', 'package.json': '{"scripts":{}}' },
  },
};

/** The scripts of the root's package.json. */
export function scriptsOf(tree: Tree): Record<string, string> {
  const { scripts = {} } = JSON.parse(tree.get('package.json') ?? '{}') as {
    scripts?: Record<string, string>;
  };
  return scripts;
}
