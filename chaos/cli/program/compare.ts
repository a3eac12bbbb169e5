import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import { COMPARE_PACE, type RunFlags, withRunFlags } from '../run-flags.ts';

/** Adds the command `compare`; `done` is told its exit status. */
export function addCompare(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  const compare = program
    .command('compare')
    .description(
      'run `failover` in active-passive, in active-active and uncoordinated, and tell what happened',
    );
  withRunFlags(compare, { seeds: false, modes: false, pace: COMPARE_PACE })
    .addHelpText(
      'after',
      `
The status is 0 only if neither mode was refuted and the uncoordinated control was.

Examples:
  understudy compare
  understudy compare --seed 42 --jobs 2000
  understudy compare --lane stream
`,
    )
    .action(async (flags: RunFlags) => done(await commands.compare(flags)));
}
