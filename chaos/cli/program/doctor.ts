import type { Command } from 'commander';
import type { Commands, DoctorFlags } from '../commands.ts';
import { form, redisUrl, redisUrls } from '../option-values.ts';

/** Adds the command `doctor`; `done` is told its exit status. */
export function addDoctor(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('doctor')
    .description('find out what this machine lacks for a run, and what to do about it')
    .option(
      '--heal',
      'first end what is left of runs whose lab died: paused, stray and serving processes, their data',
    )
    .option('--redis <url>', 'also look at this Redis for queue and ledger', redisUrl('--redis'))
    .option(
      '--lock-redis <urls>',
      'also look at these for the lease, with commas',
      redisUrls('--lock-redis'),
    )
    .option('--reporter <name>', 'text, or json: one document on standard output', form, 'text')
    .addHelpText(
      'after',
      `
Every run begins by healing; --heal does it without one. It ends processes that the undo journal of
a run names, by pid and start time, and what they left in their process groups; the runs of a lab
that lives are left alone.

Example:
  understudy doctor --heal
`,
    )
    .action(async (flags: DoctorFlags) => done(await commands.doctor(flags)));
}
