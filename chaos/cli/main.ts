import { readFileSync } from 'node:fs';
import { checkCommand } from './check-command.ts';
import { compareCommand } from './compare-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { EXIT } from './exit-status.ts';
import { reportFailure } from './failure.ts';
import { listCommand } from './list-command.ts';
import { buildProgram } from './program.ts';
import { runCommand } from './run-command.ts';
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
  const program = buildProgram(
    {
      run: (experiments, flags) => runCommand(experiments, flags, terminal),
      compare: (flags) => compareCommand(flags, terminal),
      check: (history, flags) => checkCommand(history, flags, terminal),
      list: (flags) => Promise.resolve(listCommand(flags, terminal)),
      doctor: (flags) => doctorCommand(flags, terminal),
    },
    version(),
    (ended) => (status = ended),
  );
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

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
