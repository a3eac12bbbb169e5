import type { Command } from 'commander';
import type { AuditFlags } from '../audit-command.ts';
import type { Commands } from '../commands.ts';
import { reporterOption } from '../reporters.ts';
import { sabotage, wholeNumber } from '../option-values.ts';
import { laneOption } from '../run-flags.ts';

const MOST_AT_ONCE = 16;

/** Adds the command `audit`; `done` is told its exit status. */
export function addAudit(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('audit')
    .description(
      'run fleets with protections taken out, which must be refuted by the right anomaly, and their twins without sabotage, which must not be',
    )
    .option('--only <names>', 'audit these saboteurs, with commas between them', sabotage)
    .addOption(
      laneOption(
        'everything there is for one lane: bullmq or stream (default: all of bullmq, and of stream what is not the same there)',
      ),
    )
    .option(
      '--at-once <n>',
      'make so many runs at a time (default: 2)',
      wholeNumber(1, MOST_AT_ONCE),
    )
    .addOption(reporterOption('to the file that must be named'))
    .option('--quiet', 'no progress on standard error')
    .addHelpText(
      'after',
      `
The status is 0 only if every saboteur was refuted by its anomaly and every twin passes.

Examples:
  understudy audit
  understudy audit --only no-fencing,ack-before-commit
  understudy audit --lane stream
`,
    )
    .action(async (flags: AuditFlags) => done(await commands.audit(flags)));
}
