import type { Command } from 'commander';
import type { Commands } from '../commands.ts';

/** Adds the command `init`; `done` is told its exit status. */
export function addInit(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('init')
    .description(
      'write a config, a worker, an experiment and a vitest test to begin with into a package',
    )
    .argument('[directory]', 'of the package, with its package.json', '.')
    .addHelpText(
      'after',
      `
They pass as they stand. Nothing is overwritten, and nothing is installed: what to install is said.

Example:
  understudy init
`,
    )
    .action(async (directory: string) => done(await commands.init(directory)));
}
