import { join } from 'node:path';
import { messageOf } from '@understudy/runtime';
import { DockerEngineUnfit } from '../errors.ts';
import type { Containers } from '../runner/containers.ts';
import { type RunGoingOn, runsGoingOn } from '../runner/runs-going-on.ts';
import { readLabFile, runsDirectory } from '../runner/run-directory.ts';
import { unknownName } from './nearest.ts';
import { DEFAULT_PROJECT, type RunFlags } from './run-flags.ts';
import { UsageError } from './usage-error.ts';

/** Which fleet is meant. */
export interface FleetFlags extends Pick<RunFlags, 'project' | 'group'> {
  /** The name of a run that goes on. */
  readonly run?: string;
}

/** The fleet that a fault is injected into: a run's, whose judge must know, or one in containers. */
export type FaultFleet =
  | { readonly kind: 'run'; readonly run: RunGoingOn }
  | { readonly kind: 'containers'; readonly containers: Containers };

/**
 * Finds the fleet that is meant: the run that is named, or that is at work on the containers that are
 * named; where nothing is named the only run that goes on; where none goes on, containers.
 * @param root the directory that holds `.understudy`
 * @throws {UsageError} when none is found, or several are
 * @throws {DockerEngineUnfit} @throws {ComposeProjectUnfit}
 */
export async function fleetAskedFor(flags: FleetFlags, root: string): Promise<FaultFleet> {
  const going = runsGoingOn(root);
  if (flags.run !== undefined) return { kind: 'run', run: named(flags, going, root) };
  const contained = flags.project !== undefined || flags.group !== undefined;
  const meant = contained ? going.filter(({ lab }) => isOn(lab.fleet, flags)) : going;
  if (meant.length > 1) {
    throw new UsageError(
      `which run is meant? There are ${meant.map(({ run }) => run).join(', ')}: say --run <name>`,
    );
  }
  if (meant[0]) return { kind: 'run', run: meant[0] };
  return { kind: 'containers', containers: await containersOf(flags, contained, root) };
}

function named(
  { run, project, group }: FleetFlags,
  going: readonly RunGoingOn[],
  root: string,
): RunGoingOn {
  if (project !== undefined || group !== undefined) {
    throw new UsageError('--run names the fleet of a run: leave --project and --group out');
  }
  const found = going.find((each) => each.run === run);
  if (found) return found;
  if (run !== undefined && readLabFile(join(runsDirectory(root), run))) {
    throw new UsageError(`the run ${run} is over: nothing of it runs any more`);
  }
  if (going.length === 0) {
    throw new UsageError(`there is no run ${run}: none goes on in ${runsDirectory(root)}`);
  }
  const names = going.map((each) => each.run);
  throw new UsageError(unknownName('run', run ?? '', names));
}

function isOn(
  fleet: RunGoingOn['lab']['fleet'],
  { project = DEFAULT_PROJECT, group }: FleetFlags,
): boolean {
  return fleet?.project === project && (group === undefined || fleet.group === group);
}

async function containersOf(
  flags: FleetFlags,
  contained: boolean,
  root: string,
): Promise<Containers> {
  // What drives containers is loaded when they are meant.
  const { groupsAskedFor } = await import('./container-requests.ts');
  const { engine, groups } = await groupsAskedFor(flags).catch((error: unknown) => {
    if (contained || !(error instanceof DockerEngineUnfit)) throw error;
    throw new DockerEngineUnfit(
      `there is no fleet to inject it into: no run goes on in ${runsDirectory(root)}, and for containers ${messageOf(error)}`,
      { cause: error },
    );
  });
  const [group, other] = groups;
  if (group && !other) return { engine, group };
  const names = groups.map((each) => each.group).join(', ');
  throw new UsageError(`which group is meant? There are ${names}: say --group <name>`);
}
