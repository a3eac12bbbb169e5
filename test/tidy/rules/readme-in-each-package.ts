import { filesMatching, type Rule } from '../tree.ts';

/** A package that cannot say what it is in a page is not one concept. */
export const readmeInEachPackage: Rule = {
  claim: 'each package has a README that says something',
  findings(tree) {
    return filesMatching(
      tree,
      /^(packages\/[^/]+|services\/[^/]+|chaos|dashboards)\/package\.json$/,
    )
      .map(([path]) => path.replace('package.json', 'README.md'))
      .filter((readme) => (tree.get(readme)?.trim().split('\n').length ?? 0) < 3)
      .map((readme) => `${readme}: say what it is, its one idea, and show an example`);
  },
  offences: {
    'no README': { 'packages/lease/package.json': '{}' },
    'a README with a title only': { 'chaos/package.json': '{}', 'chaos/README.md': '# The lab\n' },
  },
};
