import { filesMatching, type Rule } from '../tree.ts';

const JUDGED = /['"](@understudy\/(lease|exactly-once|queue|worker|service-[\w-]+))['"]/;

/**
 * The judge shares no code with the judged. The layer check holds the imports; this holds whatever
 * could bring the judged in by another door: package.json, a dynamic import, a type.
 */
export const judgeApart: Rule = {
  claim: 'nothing in the lab names a package of the runtime that it judges',
  findings(tree) {
    return filesMatching(tree, /^chaos\/.*\.(ts|mjs|json)$/).flatMap(([path, text]) => {
      const found = JUDGED.exec(text)?.[1];
      return found ? [`${path}: ${found}`] : [];
    });
  },
  offences: Object.fromEntries(
    ['lease', 'exactly-once', 'queue', 'worker', 'service-worker'].map((name) => [
      name,
      { 'chaos/package.json': `{ "dependencies": { "@understudy/${name}": "0.1.0" } }` },
    ]),
  ),
};
