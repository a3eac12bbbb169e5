import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import type { ObserveFlags } from '../observe-command.ts';
import { wholeNumber } from '../option-values.ts';
import { projectOption } from '../run-flags.ts';

/** Adds the command `observe`; `done` is told its exit status. */
export function addObserve(
  program: Command,
  commands: Commands,
  done: (status: number) => void,
): void {
  program
    .command('observe')
    .description(
      'start the fleet of docker-compose.yml with Prometheus and Grafana, and let it fail over until Ctrl-C',
    )
    .addOption(projectOption())
    .option(
      '--every <seconds>',
      'from one failover to the next (default: 20)',
      wholeNumber(1, 3600),
    )
    .option('--without-grafana', 'leave Grafana out, where its image cannot be had')
    .addHelpText(
      'after',
      `
The leader of payments-passive and a worker of payments-active are killed in turns and stay down for
ten seconds. Ctrl-C takes down everything that it has started; a project that ran before is left as it
was.

Examples:
  understudy observe
  understudy observe --without-grafana --every 60
`,
    )
    .action(async (flags: ObserveFlags) => done(await commands.observe(flags)));
}
