import type { Rule } from '../tree.ts';

const SOURCE = /\.(ts|mjs|js|lua)$/;
const EMPTY_WORDS = ['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'types', 'shared'];

/** A file is a noun: these nouns say nothing. */
export const tellingNames: Rule = {
  claim: 'no file or folder is called utils, helpers, common, misc or types',
  findings(tree) {
    return [...tree.keys()]
      .filter((path) => SOURCE.test(path) && path.split('/').some(saysNothing))
      .map((path) => `${path}: name the concept that it holds`);
  },
  offences: {
    'a file of utilities': { 'packages/redis/src/utils.ts': '' },
    'a folder of helpers': { 'test/helpers/redis.ts': '' },
    'a longer name that still says nothing': { 'chaos/runner/run-helpers.ts': '' },
    'a file of types': { 'packages/queue/src/types.ts': '' },
  },
};

function saysNothing(name: string): boolean {
  const words = name.split('.')[0]?.split('-') ?? [];
  return EMPTY_WORDS.includes(words.at(-1) ?? '');
}
