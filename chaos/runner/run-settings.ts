import { InvalidSettings } from '../errors.ts';
import { settingsOfSubject } from '../subject/subject.ts';
import { settingsInContainers } from './containers.ts';
import type { RunOptions } from './run-options.ts';
import { type RunSettings, settingsFor } from './settings.ts';

/**
 * The settings of a run: as the containers have them, else as they were asked for, with what its
 * subject makes of them.
 * @throws {InvalidSettings} @throws {SystemUnusable} naming every mistake
 */
export function runSettings({
  experiment,
  settings: asked,
  containers,
  subject,
  redis,
}: Pick<RunOptions, 'experiment' | 'settings' | 'containers' | 'subject' | 'redis'>): RunSettings {
  if (containers) {
    return settingsFor({}, settingsInContainers(experiment, asked, containers.group));
  }
  if (subject && asked.lane !== undefined) {
    throw new InvalidSettings(
      `the lane (${asked.lane}) is where this repository's worker finds its jobs, and another was given: leave it out. A worker's jobs are where its contract says, those of a system where its hooks put them`,
    );
  }
  const { livenessBoundMs, nodes, environment, ...fixed } = subject
    ? settingsOfSubject(subject, asked.nodes)
    : {};
  const settings = settingsFor(experiment, {
    ...asked,
    ...fixed,
    environment: { ...environment, ...asked.environment },
    nodes: nodes ?? asked.nodes,
    livenessBoundMs: asked.livenessBoundMs ?? livenessBoundMs,
  });
  if (settings.foreign) refuseOfForeign(experiment.name, settings, redis !== undefined);
  return settings;
}

/** Refuses what only this repository's worker can do, and what would reach beyond the run. */
function refuseOfForeign(
  experiment: string,
  { sabotage, poison, deadly, lane, foreign }: RunSettings,
  redisGiven: boolean,
): void {
  if (lane !== 'bullmq') {
    throw new InvalidSettings(
      `${experiment} needs the lane ${lane}, which is one of this repository's worker, and another was given: leave out the worker, or take another experiment`,
    );
  }
  if (sabotage.length > 0) {
    throw new InvalidSettings(
      `sabotage takes parts out of this repository's worker, and another was given: leave out ${sabotage.join(', ')}`,
    );
  }
  if (poison.length > 0 || deadly.length > 0) {
    throw new InvalidSettings(
      `${experiment} needs handlers that fail when they are told to, which only this repository's worker has`,
    );
  }
  if (redisGiven && foreign?.prefix !== undefined) {
    throw new InvalidSettings(
      `the prefix ${foreign.prefix} is not this run's alone, and on a Redis of yours others may use it: what a run leaves there is removed, and it removes nothing but keys of its own. Leave out the prefix, so that the worker finds one of the run's own in UNDERSTUDY_PREFIX, or leave out the Redis: a private one is started`,
    );
  }
}
