import type { Rule } from '../tree.ts';
import { scriptsOf } from './scripts-exist.ts';

const SETUP = 'node scripts/setup.mjs';

/**
 * On a fresh clone `node` is the machine's own when the script starts; setup installs the one to
 * use. A shell remembers where it found a command, so a second plain `node` in the same line would
 * be the machine's again, which may be too old to run TypeScript. `env node` looks again.
 */
export const nodeAfterSetup: Rule = {
  claim: 'a script that sets up first does not call plain node afterwards',
  findings(tree) {
    return Object.entries(scriptsOf(tree))
      .filter(([, command]) => command.startsWith(SETUP))
      .filter(([, command]) => /&& node (?!scripts\/.*\.mjs)/.test(command))
      .map(([name]) => `package.json: script ${name} must call \`env node\``);
  },
  offences: {
    'plain node': { 'package.json': `{"scripts":{"bench":"${SETUP} && node test/main.ts"}}` },
  },
};
