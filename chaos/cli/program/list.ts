import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import { form, type FormFlags } from '../option-values.ts';

/** Adds the command `list`; `done` is told its exit status. */
export function addList(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('list')
    .description('experiments, faults with their parameters, and checkers')
    .option('--reporter <name>', 'text, or json: one document on standard output', form, 'text')
    .action(async (flags: FormFlags) => done(await commands.list(flags)));
}
