import { HistoryMalformed, HistoryUnreadable, HistoryUnwritable } from '@understudy/history';
import { messageOf, UnderstudyError } from '@understudy/runtime';
import { CommanderError } from 'commander';
import { EnvironmentUnfit, FleetUnfit, RequestRefused } from '../errors.ts';
import { plainPaint } from '../report/paint.ts';
import { EXIT } from './exit-status.ts';
import { findRoot } from './root.ts';
import { pageOf, type Terminal } from './terminal.ts';

/** Says on standard error what went wrong, and returns the exit status for it. */
export async function reportFailure(error: unknown, terminal: Terminal): Promise<number> {
  if (error instanceof CommanderError) return statusOfCommander(error);
  const say = (text: string): void => void terminal.stderr.write(`${text}\n`);
  if (isUsage(error)) {
    say(`understudy: ${messageOf(error)}`);
    return EXIT.usage;
  }
  if (isEnvironment(error)) {
    say(`understudy: ${messageOf(error)}`);
    if (!(error instanceof FleetUnfit)) await sayWhatDoctorFinds(terminal, say);
    return EXIT.environment;
  }
  say(`understudy: something is wrong with Understudy itself: ${detailOf(error)}`);
  return EXIT.internal;
}

/** Commander has written its message already; help and version are no failures. */
function statusOfCommander({ exitCode }: CommanderError): number {
  return exitCode === 0 ? EXIT.pass : EXIT.usage;
}

function isUsage(error: unknown): boolean {
  const kinds = [RequestRefused, HistoryMalformed, HistoryUnreadable];
  return kinds.some((kind) => error instanceof kind);
}

function isEnvironment(error: unknown): boolean {
  if (error instanceof EnvironmentUnfit || error instanceof HistoryUnwritable) return true;
  // By its code: its class would bring the whole of ioredis along.
  return error instanceof UnderstudyError && error.code === 'REDIS_SERVER_FAILED';
}

async function sayWhatDoctorFinds(terminal: Terminal, say: (text: string) => void): Promise<void> {
  const { environment, cwd } = terminal;
  const { examine } = await import('./doctor/index.ts');
  const { renderFindings } = await import('./doctor-command.ts');
  const findings = await examine({ root: findRoot(cwd), environment });
  const trouble = findings.filter(({ status }) => status !== 'ok');
  if (trouble.length === 0) {
    say('doctor finds nothing else wrong with this machine.');
    return;
  }
  const page = { ...pageOf(terminal.stderr, environment), paint: plainPaint };
  say(['doctor finds:', ...renderFindings(trouble, page)].join('\n'));
}

function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}
