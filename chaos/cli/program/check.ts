import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import { reporterOption } from '../reporters.ts';
import type { RunFlags } from '../run-flags.ts';

/** Adds the command `check`; `done` is told its exit status. */
export function addCheck(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('check')
    .description('judge a history, however it came about')
    .argument('<history.ndjson>', 'a file of the form packages/history/schema describes')
    .addOption(reporterOption('to the file that must be named'))
    .addHelpText(
      'after',
      `
Example:
  understudy check .understudy/runs/<run>/history.ndjson --reporter json
  understudy check history.ndjson --reporter text,junit=junit.xml
`,
    )
    .action(async (history: string, flags: RunFlags) => done(await commands.check(history, flags)));
}
