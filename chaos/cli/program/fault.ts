import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import type { FaultFlags } from '../fault-command.ts';
import { form } from '../option-values.ts';
import { projectOption } from '../run-flags.ts';

/** Adds the command `fault`; `done` is told its exit status. */
export function addFault(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('fault')
    .description('inject one fault into a fleet that runs, and take it back')
    .argument('<fault>', 'one of those in `understudy list`, as far as the fleet allows it')
    .argument('<target>', 'leader, standby, any, a node such as node-2, or data, lock-1, …')
    .option(
      '--run <name>',
      'a run of the lab that goes on in another terminal, if there are several',
    )
    .addOption(projectOption())
    .option('--group <name>', 'the group of workers in containers, if there are several')
    .option('--for <duration>', 'how long it lasts, for pause, partition, latency, …: 3s')
    .option('--restart-after <duration>', 'how long it stays down, for kill, stop, restart: 8s')
    .option(
      '--set <name=value>',
      'another parameter of the fault, as `understudy list` has them; may come again',
      (text: string, before: readonly string[] = []) => [...before, text],
    )
    .option('--reporter <name>', 'text, or json: one document on standard output', form, 'text')
    .addHelpText(
      'after',
      `
It says by what evidence the fault landed, and takes it back when its time is over or with Ctrl-C.
Without --run, --project or --group the only run that goes on is meant; where none does, the containers
of the compose project. A run injects the fault itself: it is in its history, and its judge knows of it.
Of containers only those of the project are touched.

Examples:
  understudy fault kill leader --restart-after 3s                  into the run that goes on
  understudy fault pause node-2 --run 20261126-181512-active-passive-Z9aV8a --for 5s
  understudy fault latency any --set delay=80ms --for 10s          of processes: run … --proxies
  understudy fault kill leader --group payments-passive --restart-after 8s
  understudy fault lose-replies leader --group payments-passive --for 1s
  understudy fault partition standby --group payments-passive --set by=network
  understudy fault restart data --group payments-passive
`,
    )
    .action(async (fault: string, target: string, flags: FaultFlags) =>
      done(await commands.fault(fault, target, flags)),
    );
}
