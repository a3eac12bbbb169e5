import { readFileSync } from 'node:fs';
import type { Commands } from './commands.ts';
import { EXIT } from './exit-status.ts';
import { reportFailure } from './failure.ts';
import { buildProgram } from './program.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/**
 * The command line: parses `words`, does what they say, and returns the exit status. What goes
 * wrong is said on standard error; nothing is thrown.
 */
export async function main(
  words: readonly string[] = process.argv.slice(2),
  terminal: Terminal = processTerminal(),
): Promise<number> {
  let status: number = EXIT.pass;
  const program = buildProgram(commandsFor(terminal), version(), (ended) => (status = ended));
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'understudy: ')),
    });
  }
  try {
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    return reportFailure(error, terminal);
  }
}

/** Each command is loaded when it is called: help and slips of the finger are answered at once. */
function commandsFor(terminal: Terminal): Commands {
  return {
    async run(experiments, flags) {
      const { runCommand } = await import('./run-command.ts');
      return runCommand(experiments, flags, terminal);
    },
    async compare(flags) {
      const { compareCommand } = await import('./compare-command.ts');
      return compareCommand(flags, terminal);
    },
    async replay(run, flags) {
      const { replayCommand } = await import('./replay-command.ts');
      return replayCommand(run, flags, terminal);
    },
    async check(history, flags) {
      const { checkCommand } = await import('./check-command.ts');
      return checkCommand(history, flags, terminal);
    },
    async report(runs, flags) {
      const { reportCommand } = await import('./report-command.ts');
      return reportCommand(runs, flags, terminal);
    },
    async observe(flags) {
      const { observeCommand } = await import('./observe-command.ts');
      return observeCommand(flags, terminal);
    },
    async fault(fault, target, flags) {
      const { faultCommand } = await import('./fault-command.ts');
      return faultCommand(fault, target, flags, terminal);
    },
    async init(directory) {
      const { initCommand } = await import('./init-command.ts');
      return initCommand(directory, terminal);
    },
    async list(flags) {
      const { listCommand } = await import('./list-command.ts');
      return listCommand(flags, terminal);
    },
    async audit(flags) {
      const { auditCommand } = await import('./audit-command.ts');
      return auditCommand(flags, terminal);
    },
    async doctor(flags) {
      const { doctorCommand } = await import('./doctor-command.ts');
      return doctorCommand(flags, terminal);
    },
  };
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
