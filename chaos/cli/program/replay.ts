import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import type { ReplayFlags } from '../replay-command.ts';
import { withReplayFlags } from '../run-flags.ts';

/** Adds the command `replay`; `done` is told its exit status. */
export function addReplay(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  const replay = program
    .command('replay')
    .description('inject again what an earlier run did, and say how faithfully that was done')
    .argument('<run>', 'its name, its directory, or a schedule such as shrunk.json');
  withReplayFlags(replay)
    .addHelpText(
      'after',
      `
The same jobs, seed, settings and moments; each fault hits the node that it really hit before. What
role that node has this time is chance, and so is how the processes interleave: the report compares,
fault by fault, target, role and moment. With --roles a fault hits whoever has the role now.

Examples:
  understudy replay 20261124-181512-active-passive-Z9aV8a
  understudy replay .understudy/runs/<run>/shrunk.json --repeat 5
  understudy replay <run> --input my-payments.ndjson      a run of an input of your own
`,
    )
    .action(async (run: string, flags: ReplayFlags) => done(await commands.replay(run, flags)));
}
