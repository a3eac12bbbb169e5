import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readTree, type Tree } from '../tidy/tree.ts';
import { RULES } from './coverage-rules.ts';
import { coverageFindings, coverageOf, isRunHere, type Rule } from './coverage.ts';
import { documentedCommands } from './documented-commands.ts';

const tree = readTree(fileURLToPath(new URL('../..', import.meta.url)));

test('every command in the documents is run by a test', () => {
  const commands = documentedCommands(tree);
  expect(coverageFindings(commands, tree, RULES)).toEqual([]);
  // A good part of them by the test that is there for it.
  const here = commands.filter((command) => isRunHere(coverageOf(command, RULES)));
  expect(here.length).toBeGreaterThan(commands.length / 3);
});

describe('a command that no test runs', () => {
  const document = (command: string): Tree =>
    new Map([['README.md', `\`\`\`sh\n${command}\n\`\`\``]]);
  const findings = (tree: Tree, ...rules: readonly Rule[]): string[] =>
    coverageFindings(documentedCommands(tree), tree, rules);
  const here: Rule = { commands: /^npx understudy list$/, run: { where: 'package' } };
  const there: Rule = {
    commands: /^npm start$/,
    run: { by: 'test/start.test.ts', with: "'start'", because: 'it is long' },
  };

  test('is named with its document and its line', () => {
    expect(findings(document('npx understudy lisst'))).toEqual([
      expect.stringMatching(/^README\.md:2: npx understudy lisst: no test runs it/),
    ]);
  });

  test('is found though the rule is for another document', () => {
    expect(findings(document('npx understudy list'), { ...here, in: 'docs/a.md' })).toHaveLength(2);
  });

  test('is found when the test that was to run it is gone, or runs it no more', () => {
    const gone = findings(document('npm start'), there);
    expect(gone).toEqual([expect.stringContaining('test/start.test.ts is not there')]);
    const changed = new Map([...document('npm start'), ['test/start.test.ts', "run('stop')"]]);
    expect(findings(changed, there)).toEqual([expect.stringContaining("has no 'start'")]);
    changed.set('test/start.test.ts', "run('start')");
    expect(findings(changed, there)).toEqual([]);
  });

  test('is no longer documented, and its rule is to go', () => {
    expect(findings(document(''), here)).toEqual([
      expect.stringContaining('no document has such a command'),
    ]);
  });
});
