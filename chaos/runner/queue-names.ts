import { groupKeys } from '@understudy/redis';
import { QUEUE } from './node-environment.ts';
import { laneOf, type RunSettings } from './settings.ts';
import { groupKeyPrefix } from './stage.ts';

/** What the queue of a run is called, and what its keys begin with. */
export function queueNames(
  settings: Pick<RunSettings, 'foreign' | 'lane'>,
  run: string,
): { readonly queue: string; readonly prefix: string } {
  const { foreign } = settings;
  // Only the run has these, so that on a Redis that others use too it touches nothing of theirs.
  const own =
    laneOf(settings) === 'stream' ? `${groupKeyPrefix(run)}stream` : groupKeys(run).queuePrefix;
  return { queue: foreign?.queue ?? QUEUE, prefix: foreign?.prefix ?? own };
}
