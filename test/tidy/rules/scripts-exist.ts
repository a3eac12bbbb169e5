import { filesMatching, type Rule, type Tree } from '../tree.ts';

// `npm <name>` is short for `npm run <name>` with these; `-w` names a package of the workspace. What the lab
// is told to start as a worker stands in the reader's own package.json.
const COMMAND =
  /(?<!--worker "|command: ')\bnpm (?:run (?:--silent )?(?<run>[\w:-]+)|(?<short>start|test)\b)(?: -w (?<of>[@\w/-]+))?/g;

/** A command in a document is one that can be typed. */
export const scriptsExist: Rule = {
  claim: 'each npm script that a document or CI names exists',
  findings(tree) {
    // What docstrings say of other people's packages is in docs/api as well.
    return filesMatching(tree, /^(?!docs\/api\/)(.*\.md|\.ci\/run|scripts\/.*\.mjs)$/).flatMap(
      ([path, text]) =>
        [...text.matchAll(COMMAND)].flatMap(({ groups = {} }) => {
          const name = groups.run ?? groups.short ?? '';
          const manifest = manifestOf(tree, groups.of);
          if (manifest !== undefined && name in scriptsOf(tree, manifest)) return [];
          return [`${path}: ${manifest ?? groups.of} has no script ${name}`];
        }),
    );
  },
  offences: {
    'a script that is gone': { 'README.md': 'run `npm run fly`', 'package.json': '{}' },
    'a script of another package': {
      'README.md': 'run `npm run lint -w a`',
      'package.json': '{"scripts":{"lint":"x"}}',
      'packages/a/package.json': '{"name":"a"}',
    },
    'no test script': { 'README.md': 'run `npm test`', 'package.json': '{"scripts":{}}' },
  },
};

/** The scripts of a package.json; by default the root's. */
export function scriptsOf(tree: Tree, manifest = 'package.json'): Record<string, string> {
  const { scripts = {} } = JSON.parse(tree.get(manifest) ?? '{}') as {
    scripts?: Record<string, string>;
  };
  return scripts;
}

/** The path of the package.json that is called `name`; the root's without a name. */
function manifestOf(tree: Tree, name: string | undefined): string | undefined {
  if (name === undefined) return 'package.json';
  const manifests = filesMatching(tree, /(^|\/)package\.json$/);
  return manifests.find(([, text]) => (JSON.parse(text) as { name?: string }).name === name)?.[0];
}
