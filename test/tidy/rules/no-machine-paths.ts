import { filesMatching, type Rule } from '../tree.ts';

const HOMES = ['home', 'Users', 'root', 'work'];
// Ada is nobody: an example that needs a path may live in her home.
const MACHINE_PATH = new RegExp(`(^|[\\s"'\`(=:])/(${HOMES.join('|')})/(?!ada/)[\\w.-]`, 'm');

/** Paths of one machine mean nothing on the next. */
export const noMachinePaths: Rule = {
  claim: 'no file names a path of the machine it was written on',
  findings(tree) {
    return filesMatching(tree, /./)
      .filter(([, text]) => MACHINE_PATH.test(text))
      .map(([path, text]) => `${path}:${MACHINE_PATH.exec(text)?.[0]}...`);
  },
  offences: Object.fromEntries(
    HOMES.map((home) => [home, { 'docs/a.md': `see \`/${home}/somebody/file\`` }]),
  ),
};
