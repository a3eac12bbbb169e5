import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { documentedExports } from './rules/documented-exports.ts';
import { everyTestRuns } from './rules/every-test-runs.ts';
import { judgeApart } from './rules/judge-apart.ts';
import { kebabCaseNames } from './rules/kebab-case-names.ts';
import { linksResolve } from './rules/links-resolve.ts';
import { luaHeaders } from './rules/lua-headers.ts';
import { luaInFiles } from './rules/lua-in-files.ts';
import { namedReExports } from './rules/named-re-exports.ts';
import { neutralLockFile } from './rules/neutral-lock-file.ts';
import { noMachinePaths } from './rules/no-machine-paths.ts';
import { noSleepingTests } from './rules/no-sleeping-tests.ts';
import { nodeAfterSetup } from './rules/node-after-setup.ts';
import { nothingUnfinished } from './rules/nothing-unfinished.ts';
import { oneConceptAFile } from './rules/one-concept-a-file.ts';
import { readmeInEachPackage } from './rules/readme-in-each-package.ts';
import { rulesHaveTests } from './rules/rules-have-tests.ts';
import { scriptsExist } from './rules/scripts-exist.ts';
import { tellingNames } from './rules/telling-names.ts';
import { tourOfFolders } from './rules/tour-of-folders.ts';
import { readTree } from './tree.ts';

const RULES = [
  documentedExports,
  everyTestRuns,
  judgeApart,
  kebabCaseNames,
  linksResolve,
  luaHeaders,
  luaInFiles,
  namedReExports,
  neutralLockFile,
  noMachinePaths,
  noSleepingTests,
  nodeAfterSetup,
  nothingUnfinished,
  oneConceptAFile,
  readmeInEachPackage,
  rulesHaveTests,
  scriptsExist,
  tellingNames,
  tourOfFolders,
];

const tree = readTree(fileURLToPath(new URL('../..', import.meta.url)));

describe('the repository is tidy', () => {
  test('there is a repository to look at', () => {
    expect([...tree.keys()]).toContain('packages/runtime/src/clock.ts');
  });

  for (const rule of RULES) {
    test(rule.claim, () => {
      expect(rule.findings(tree)).toEqual([]);
    });
  }
});

describe('a rule of tidiness can be broken', () => {
  for (const rule of RULES) {
    test.each(Object.entries(rule.offences))(`${rule.claim}: %s is found`, (_, offence) => {
      expect(rule.findings(new Map(Object.entries(offence)))).not.toEqual([]);
    });
  }
});
