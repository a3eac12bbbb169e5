import { Command } from 'commander';
import type { AuditFlags } from './audit-command.ts';
import type { Commands } from './commands.ts';
import type { FaultFlags } from './fault-command.ts';
import type { ObserveFlags } from './observe-command.ts';
import { reporter, sabotage, wholeNumber } from './option-values.ts';
import { addDoctor, addInit, addList } from './preparations.ts';
import type { ReplayFlags } from './replay-command.ts';
import {
  COMPARE_PACE,
  projectOption,
  RUN_PACE,
  type RunFlags,
  withReplayFlags,
  withRunFlags,
} from './run-flags.ts';

const MOST_AT_ONCE = 16;

const EXIT_STATUSES = `
Exit status:
  0    pass: nothing refuted it
  99   refuted: a checker failed
  98   inconclusive: a fault did not land, a history is torn, a control did not fall
  64   usage · 69 environment (see doctor) · 70 internal · 130 interrupted`;

const EXAMPLES = `
Examples:
  understudy compare                                both modes and the control, one schedule
  understudy run kill-leader --mode active-passive  one experiment in one mode
  understudy run kill-leader pause-past-ttl --seed 1..5
  understudy replay <run>                           inject again what a run did
  understudy check .understudy/runs/<run>/history.ndjson
  understudy init                                   files to begin with, in a package of yours
  understudy doctor                                 what this machine lacks, and what to do
`;

/** Builds the command line. `done` is told the exit status of the command that ran. */
export function buildProgram(
  commands: Commands,
  version: string,
  done: (status: number) => void,
): Command {
  const program = new Command('understudy')
    .description(
      'Starts a fleet of real worker processes, injects real faults, and says whether what happened refutes "exactly once" and "one effective leader".',
    )
    .version(version, '-V, --version', 'the version')
    .helpOption('-h, --help', 'this text')
    .helpCommand('help [command]', 'what a command does')
    .addHelpText('after', EXIT_STATUSES)
    .addHelpText('after', EXAMPLES);
  addRun(program, commands, done);
  addCompare(program, commands, done);
  addReplay(program, commands, done);
  addCheck(program, commands, done);
  addAudit(program, commands, done);
  addFault(program, commands, done);
  addObserve(program, commands, done);
  addInit(program, commands, done);
  addList(program, commands, done);
  addDoctor(program, commands, done);
  return program;
}

function addRun(program: Command, commands: Commands, done: (status: number) => void): void {
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
  understudy run ./experiments/two-kills.ts         an experiment of your own
  understudy run kill-leader --mode active-passive --seed 7 --reporter json > result.json
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

function addCompare(program: Command, commands: Commands, done: (status: number) => void): void {
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
`,
    )
    .action(async (flags: RunFlags) => done(await commands.compare(flags)));
}

function addReplay(program: Command, commands: Commands, done: (status: number) => void): void {
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

function addCheck(program: Command, commands: Commands, done: (status: number) => void): void {
  program
    .command('check')
    .description('judge a history, however it came about')
    .argument('<history.ndjson>', 'a file of the form packages/history/schema describes')
    .option('--reporter <name>', 'text, or json: one document on standard output', reporter, 'text')
    .addHelpText(
      'after',
      `
Example:
  understudy check .understudy/runs/<run>/history.ndjson --reporter json
`,
    )
    .action(async (history: string, flags: RunFlags) => done(await commands.check(history, flags)));
}

function addAudit(program: Command, commands: Commands, done: (status: number) => void): void {
  program
    .command('audit')
    .description(
      'run fleets with protections taken out, which must be refuted by the right anomaly, and their twins without sabotage, which must not be',
    )
    .option('--only <names>', 'audit these saboteurs, with commas between them', sabotage)
    .option(
      '--at-once <n>',
      'make so many runs at a time (default: 2)',
      wholeNumber(1, MOST_AT_ONCE),
    )
    .option('--reporter <name>', 'text, or json: one document on standard output', reporter, 'text')
    .option('--quiet', 'no progress on standard error')
    .addHelpText(
      'after',
      `
The status is 0 only if every saboteur was refuted by its anomaly and every twin passes.

Examples:
  understudy audit
  understudy audit --only no-fencing,ack-before-commit
`,
    )
    .action(async (flags: AuditFlags) => done(await commands.audit(flags)));
}

function addFault(program: Command, commands: Commands, done: (status: number) => void): void {
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
    .option('--reporter <name>', 'text, or json: one document on standard output', reporter, 'text')
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

function addObserve(program: Command, commands: Commands, done: (status: number) => void): void {
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
