import { randomId, systemClock, systemTimers } from '@understudy/runtime';
import { hanging } from '../report/layout.ts';
import { faultByHand } from '../runner/fault-by-hand.ts';
import { groupsAskedFor } from './container-requests.ts';
import { EXIT } from './exit-status.ts';
import { interruption } from './interruption.ts';
import type { FormFlags } from './option-values.ts';
import { findRoot } from './root.ts';
import type { RunFlags } from './run-flags.ts';
import { pageOf, print, printJson, type Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The options of `fault`, as commander gives them. */
export interface FaultFlags extends FormFlags, Pick<RunFlags, 'project' | 'group'> {
  readonly for?: string;
  readonly restartAfter?: string;
}

/**
 * `understudy fault`: injects one fault into a fleet that runs in containers, and takes it back.
 * @returns the exit status: pass when it landed and was taken back
 */
export async function faultCommand(
  fault: string,
  target: string,
  flags: FaultFlags,
  terminal: Terminal,
): Promise<number> {
  const { engine, groups } = await groupsAskedFor(flags);
  const [group, other] = groups;
  if (!group || other) {
    const names = groups.map((each) => each.group).join(', ');
    throw new UsageError(`which group is meant? There are ${names}: say --group <name>`);
  }
  const page = pageOf(terminal.stdout, terminal.environment);
  const quiet = flags.reporter === 'json';
  const say = (text: string): void => {
    if (quiet) terminal.stderr.write(`${text}\n`);
    else print(terminal, hanging('', text, page.columns));
  };
  const { for: lasts, restartAfter } = flags;
  using interrupted = interruption(() => say('taking the fault back …'), systemClock);
  const outcome = await faultByHand({
    ...{ fault, target, containers: { engine, group }, root: findRoot(terminal.cwd), say },
    parameters: {
      ...(lasts === undefined ? {} : { for: lasts }),
      ...(restartAfter === undefined ? {} : { restartAfter }),
    },
    signal: interrupted.signal,
    ...{ clock: systemClock, timers: systemTimers, newId: randomId },
  });
  if (quiet) {
    const { name, role, landed, healed, landedMs } = outcome;
    const { project, group: of } = group;
    printJson(terminal, {
      ...{ schemaVersion: 1, project, group: of, fault, requested: target, target: name },
      ...(role === undefined ? {} : { role }),
      ...{ landed: landed.seen, evidence: landed.evidence, landedMs },
      ...{ healed: healed.seen, healEvidence: healed.evidence },
    });
  }
  return outcome.landed.seen && outcome.healed.seen ? EXIT.pass : EXIT.inconclusive;
}
