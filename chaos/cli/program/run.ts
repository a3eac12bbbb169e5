import type { Command } from 'commander';
import type { Commands } from '../commands.ts';
import { RUN_PACE, type RunFlags, withRunFlags } from '../run-flags.ts';

/** Adds the command `run`; `done` is told its exit status. */
export function addRun(program: Command, commands: Commands, done: (status: number) => void): void {
  const run = program
    .command('run')
    .description('run experiments and judge what happened')
    .argument(
      '<experiment...>',
      'names from `understudy list`, or files of your own: ./two-kills.ts',
    );
  withRunFlags(run, { seeds: true, modes: true, pace: RUN_PACE })
    .addHelpText(
      'after',
      `
Examples:
  understudy run kill-leader                        in active-passive, then in active-active
  understudy run kill-leader --mode uncoordinated   the control: exits with 99
  understudy run random --mode active-active --seed 1..10 --jobs 1000
  understudy run failover --input my-payments.ndjson --handler-ms 20
  understudy run kill-leader --lane stream          order by account is judged as well
  understudy run ./experiments/two-kills.ts         an experiment of your own
  understudy run kill-leader --mode active-passive --seed 7 --reporter json > result.json
  understudy run kill-leader --seed 1..5 --reporter text,junit=junit.xml,github
  understudy run kill-leader --driver docker --group payments-passive
  understudy run kill-any --worker "npm run worker"                  a BullMQ worker of your own
  understudy run kill-any --worker "python3 worker.py" --contract stream
  understudy run kill-any --system                                   what understudy.config.ts defines

A worker of your own is started with /bin/sh in a process group of its own: all of it is the node. It
finds Redis in REDIS_URL and its queue in UNDERSTUDY_PREFIX and UNDERSTUDY_QUEUE (contract stream: the
key is the two with a colon between), and writes what it has done into the stream UNDERSTUDY_EFFECTS,
an entry with the fields job and node for each. See docs/your-own-worker.md. Values of --env are kept
nowhere, and the command of the repeat line has their names alone.
`,
    )
    .action(async (experiments: string[], flags: RunFlags) =>
      done(await commands.run(experiments, flags)),
    );
}
