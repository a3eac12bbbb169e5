import type { Rule } from '../tree.ts';

const FOLDERS = /^(packages|services|chaos|dashboards|test|examples|docs|scripts)\//;
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
// Names that readers and tools look for in capitals; and what starts with a dot is some tool's.
const CAPITALS = /^(README|ARCHITECTURE|STYLE|LICENSE|Dockerfile)(\.md)?$/;

/** Names of files and folders. */
export const kebabCaseNames: Rule = {
  claim: 'files and folders have kebab-case names',
  findings(tree) {
    return [...tree.keys()]
      .filter((path) => FOLDERS.test(path))
      .filter((path) => !path.split('/').every(isTidy))
      .map((path) => `${path}: use lower case, words joined by "-"`);
  },
  offences: {
    'a file in camel case': { 'packages/lease/src/lockView.ts': '' },
    'a folder in camel case': { 'chaos/faultInjection/kill.ts': '' },
    'a file with underscores': { 'test/e2e/kill_leader.test.ts': '' },
  },
};

function isTidy(name: string): boolean {
  return name.startsWith('.') || CAPITALS.test(name) || KEBAB.test(name);
}
