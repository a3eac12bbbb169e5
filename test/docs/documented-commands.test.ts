import { describe, expect, test } from 'vitest';
import { documentedCommands, statedStatus } from './documented-commands.ts';

/** The commands of a document with one block of shell. */
const commandsIn = (block: string, file = 'README.md'): ReturnType<typeof documentedCommands> =>
  documentedCommands(new Map([[file, `# Title\n\n\`\`\`sh\n${block}\n\`\`\`\n`]]));

test('a command is known by its document and its line, and its comment is none of it', () => {
  expect(commandsIn('npm start   # sets up\n\n# nothing\nnpm test')).toEqual([
    { file: 'README.md', line: 4, words: ['npm', 'start'], comment: 'sets up' },
    { file: 'README.md', line: 7, words: ['npm', 'test'], comment: '' },
  ]);
});

test('lines that are continued are one command', () => {
  expect(commandsIn('npx understudy run calm \\\n  --jobs 5\nnpm test')).toMatchObject([
    { line: 4, words: ['npx', 'understudy', 'run', 'calm', '--jobs', '5'] },
    { line: 6, words: ['npm', 'test'] },
  ]);
});

test('what is quoted is one word, a # within one begins no comment, and <id> is a word', () => {
  expect(commandsIn(`x --worker "npm run 'a'" 'b # c' p#1 <id>`)[0]?.words).toEqual([
    'x',
    '--worker',
    "npm run 'a'",
    'b # c',
    'p#1',
    '<id>',
  ]);
});

test.each(['a | b', 'a > b', 'a < b', 'a; b', 'a && b', 'a "b', 'a $(b)', 'a `b`'])(
  'a line with more in it than words is refused with its place: %s',
  (line) => {
    expect(() => commandsIn(line)).toThrow(/README\.md:4 is more than words/);
  },
);

describe('where commands are looked for', () => {
  test('blocks of other languages hold none', () => {
    const text = '```ts\nnpm()\n```\nnpm test\n```text\nnpm test\n```\n';
    expect(documentedCommands(new Map([['README.md', text]]))).toEqual([]);
  });

  test.each([
    ['README.md', 1],
    ['docs/packages.md', 1],
    ['chaos/README.md', 1],
    ['packages/worker/README.md', 1],
    ['examples/own-worker/README.md', 1],
    ['docs/adr/0001-a.md', 0],
    ['docs/api/worker.md', 0],
    ['CHANGELOG.md', 0],
  ])('%s: %d', (file, count) => {
    expect(commandsIn('npm test', file)).toHaveLength(count);
  });
});

test('a comment may state how a command ends', () => {
  const [refuted, passed] = commandsIn('a   # exits with 99: refuted\nb   # 99 jobs');
  expect(refuted && statedStatus(refuted)).toBe(99);
  expect(passed && statedStatus(passed)).toBe(0);
});
