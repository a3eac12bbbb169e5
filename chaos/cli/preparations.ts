// What one does before there is a run: commands that start no fleet.
import type { Command } from 'commander';
import type { Commands, DoctorFlags } from './commands.ts';
import { redisUrl, redisUrls, reporter } from './option-values.ts';
import type { RunFlags } from './run-flags.ts';

/** Adds the command `init [directory]`; `done` is told its exit status. */
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

/** Adds the command `list`; `done` is told its exit status. */
export function addList(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('list')
    .description('experiments, faults with their parameters, and checkers')
    .option('--reporter <name>', 'text, or json: one document on standard output', reporter, 'text')
    .action(async (flags: RunFlags) => done(await commands.list(flags)));
}

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
    .option('--reporter <name>', 'text, or json: one document on standard output', reporter, 'text')
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
