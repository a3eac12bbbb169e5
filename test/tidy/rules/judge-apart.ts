import { filesMatching, type Rule } from '../tree.ts';

const JUDGED = /['"](@understudy\/(lease|exactly-once|queue|worker|service-[\w-]+))['"]/;
/**
 * The worker that comes with the lab is started, as any command is. An installed lab has it as a
 * package, which must be named for that: to npm, and in the one place that looks for its file.
 */
const STARTED: readonly (readonly [path: RegExp, text: RegExp])[] = [
  [/^chaos\/package\.json$/, /"@understudy\/service-worker": "/g],
  [/^chaos\/runner\/own-worker\.ts$/, /\.resolve\('@understudy\/service-worker'\)/g],
];

/**
 * The judge shares no code with the judged. The layer check holds the imports; this holds whatever
 * could bring the judged in by another door: package.json, a dynamic import, a type.
 */
export const judgeApart: Rule = {
  claim: 'nothing in the lab names a package of the runtime that it judges, but to start it',
  findings(tree) {
    return filesMatching(tree, /^chaos\/.*\.(ts|mjs|json)$/).flatMap(([path, text]) => {
      const found = JUDGED.exec(withoutStarting(path, text))?.[1];
      return found ? [`${path}: ${found}`] : [];
    });
  },
  offences: {
    ...Object.fromEntries(
      ['lease', 'exactly-once', 'queue', 'worker', 'service-producer'].map((name) => [
        name,
        { 'chaos/package.json': `{ "dependencies": { "@understudy/${name}": "0.1.0" } }` },
      ]),
    ),
    'an import of the worker': {
      'chaos/runner/own-worker.ts': "import * as worker from '@understudy/service-worker';",
    },
    'the worker looked for elsewhere': {
      'chaos/checker/outcome.ts': "require.resolve('@understudy/service-worker')",
    },
  },
};

function withoutStarting(path: string, text: string): string {
  return STARTED.filter(([where]) => where.test(path)).reduce(
    (rest, [, how]) => rest.replaceAll(how, ''),
    text,
  );
}
