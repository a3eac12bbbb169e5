import { randomId, systemClock, systemTimers } from '@understudy/runtime';
import { hanging } from '../report/layout.ts';
import { faultInRun } from '../runner/fault-in-run.ts';
import type { FaultOutcome } from '../runner/fault-words.ts';
import { EXIT } from './exit-status.ts';
import { type FaultFleet, type FleetFlags, fleetAskedFor } from './fault-fleet.ts';
import { faultParameters, type ParameterFlags } from './fault-parameters.ts';
import { interruption } from './interruption.ts';
import { findRoot } from './root.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';

/** The options of `fault`, as commander gives them. */
export type FaultFlags = FleetFlags & ParameterFlags & Pick<RunFlags, 'reporter'>;

/**
 * `understudy fault`: injects one fault into a fleet that runs, of processes or of containers, and takes
 * it back.
 * @returns the exit status: pass when it landed and was taken back
 */
export async function faultCommand(
  fault: string,
  target: string,
  flags: FaultFlags,
  terminal: Terminal,
): Promise<number> {
  const parameters = faultParameters(flags);
  const root = findRoot(terminal.cwd);
  const fleet = await fleetAskedFor(flags, root);
  const page = pageOf(terminal.stdout, terminal.environment);
  const quiet = flags.reporter === 'json';
  const say = (text: string): void => {
    if (quiet) terminal.stderr.write(`${text}\n`);
    else print(terminal, hanging('', text, page.columns));
  };
  using interrupted = interruption(() => say('taking the fault back …'), systemClock);
  const { signal } = interrupted;
  const outcome = await inject(fleet, { ...{ fault, target, parameters, root, say, signal } });
  if (quiet) printJson(terminal, documentOf(fleet, fault, target, outcome));
  return outcome.landed.seen && outcome.healed.seen ? EXIT.pass : EXIT.inconclusive;
}

async function inject(
  fleet: FaultFleet,
  asked: {
    readonly fault: string;
    readonly target: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly root: string;
    readonly signal: AbortSignal;
    say(text: string): void;
  },
): Promise<FaultOutcome> {
  if (fleet.kind === 'run') return faultInRun({ ...asked, run: fleet.run });
  const { faultByHand } = await import('../runner/fault-by-hand.ts');
  const time = { clock: systemClock, timers: systemTimers, newId: randomId };
  return faultByHand({ ...asked, containers: fleet.containers, ...time });
}

function documentOf(
  fleet: FaultFleet,
  fault: string,
  requested: string,
  { id, name, role, landed, healed, landedMs }: FaultOutcome,
): object {
  const { run } = fleet.kind === 'run' ? fleet.run : {};
  const { project, group } = fleet.kind === 'run' ? {} : fleet.containers.group;
  return {
    schemaVersion: 1,
    ...(run === undefined ? { project, group } : { run, id }),
    ...{ fault, requested, target: name },
    ...(role === undefined ? {} : { role }),
    ...{ landed: landed.seen, evidence: landed.evidence, landedMs },
    ...{ healed: healed.seen, healEvidence: healed.evidence },
  };
}
