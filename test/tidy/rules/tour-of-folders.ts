import { foldersOf, type Rule } from '../tree.ts';

const TOUR = 'docs/whats-here.md';
// A folder and those directly in it; the insides of a package are its README's matter.
const TOURED = /^(packages|services|chaos|dashboards|test|examples|docs|scripts)(\/[^./][^/]*)?$/;

/** One document walks through every folder, in a sentence each. */
export const tourOfFolders: Rule = {
  claim: 'docs/whats-here.md mentions every folder',
  findings(tree) {
    const tour = tree.get(TOUR) ?? '';
    return [...foldersOf(tree)]
      .filter((folder) => TOURED.test(folder) && !mentions(tour, folder))
      .map((folder) => `${TOUR}: says nothing of ${folder}/`);
  },
  offences: {
    'no tour': { 'packages/lease/src/state.ts': '' },
    'a folder left out': {
      [TOUR]: '`docs/`, `packages/`, `packages/lease/`',
      'packages/lease/a.ts': '',
      'packages/queue/a.ts': '',
    },
  },
};

/** By its path, or by its own name with a slash, as in a drawing of the tree. */
function mentions(tour: string, folder: string): boolean {
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  return tour.includes(folder) || new RegExp(`(^|[^\\w-])${name}/`, 'm').test(tour);
}
