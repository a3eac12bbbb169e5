import { Command } from 'commander';
import type { Commands } from './commands.ts';
import { addAudit } from './program/audit.ts';
import { addCheck } from './program/check.ts';
import { addCompare } from './program/compare.ts';
import { addDoctor } from './program/doctor.ts';
import { addFault } from './program/fault.ts';
import { addInit } from './program/init.ts';
import { addList } from './program/list.ts';
import { addObserve } from './program/observe.ts';
import { addReplay } from './program/replay.ts';
import { addReport } from './program/report.ts';
import { addRun } from './program/run.ts';

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
  addReport(program, commands, done);
  addAudit(program, commands, done);
  addFault(program, commands, done);
  addObserve(program, commands, done);
  addInit(program, commands, done);
  addList(program, commands, done);
  addDoctor(program, commands, done);
  return program;
}
