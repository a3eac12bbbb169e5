import { filesMatching, type Rule, SOURCES } from '../tree.ts';

/** Lua lives in files: there it has a header, and an editor knows what it is. */
export const luaInFiles: Rule = {
  claim: 'no Lua is written inside TypeScript',
  findings(tree) {
    return filesMatching(tree, SOURCES)
      .filter(([, text]) => /\bredis\.p?call\(/.test(text))
      .map(([path]) => `${path}: move the script to a .lua file and load it with loadScript`);
  },
  offences: {
    'a script in a string': {
      'packages/lease/src/acquire.ts': "const script = `return redis.call('GET', KEYS[1])`;",
    },
  },
};
