import { filesMatching, type Rule } from '../tree.ts';

/** A Lua script tells, before anything else, what it is given and what it answers. */
export const luaHeaders: Rule = {
  claim: 'each Lua file opens with its KEYS, its ARGV and what it returns',
  findings(tree) {
    return filesMatching(tree, /\.lua$/).flatMap(([path, text]) =>
      missingIn(text).map((missing) => `${path}: its opening comment does not explain ${missing}`),
    );
  },
  offences: {
    'no comment at all': { 'a.lua': "return redis.call('GET', KEYS[1])" },
    'a key that is not explained': {
      'a.lua': "-- KEYS[1] lock\n-- Returns 1\nredis.call('DEL', KEYS[1], KEYS[2])\nreturn 1",
    },
    'an argument that is not explained': {
      'a.lua': "-- KEYS[1] lock\n-- Returns 1\nredis.call('SET', KEYS[1], ARGV[1])\nreturn 1",
    },
    'an answer that is not explained': {
      'a.lua': "--[[ KEYS[1] lock ]]\nreturn redis.call('DEL', KEYS[1])",
    },
    'a comment that comes too late': {
      'a.lua': "local x = redis.call('GET', KEYS[1])\n-- KEYS[1] lock. Returns 1\nreturn 1",
    },
  },
};

function missingIn(text: string): string[] {
  const header = headerOf(text);
  const body = text.slice(header.length);
  const given = [...new Set(body.match(/\b(KEYS|ARGV)\[\d+\]/g) ?? [])];
  // `ARGV[10...]` explains the tenth and all that follow.
  const missing = given.filter(
    (name) => !header.includes(name) && !header.includes(name.replace(']', '...]')),
  );
  if (header.trim() === '') return ['what it does'];
  // What is put in front of other scripts only defines functions: it is given and answers nothing.
  const answers = /^return\b/m.test(body);
  return answers && !/\bReturns\b/.test(header) ? [...missing, 'what it returns'] : missing;
}

function headerOf(text: string): string {
  return /^(--\[\[[\s\S]*?\n?\]\]|(--(?!\[\[).*(\n|$))+)/.exec(text)?.[0] ?? '';
}
