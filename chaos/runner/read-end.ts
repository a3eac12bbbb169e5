import type { EffectSource, LogSize } from '../workload/effect-source.ts';
import type { QueueReader, QueueRest } from '../workload/queue-reader.ts';

/** What queue and log of effects hold at the end of a run. */
export interface End {
  readonly rest: QueueRest;
  readonly size: LogSize;
}

/**
 * Reads both, the queue first: nodes that are not the lab's go on working meanwhile, and a job that takes
 * effect in between is then seen twice, as waiting and by its effect. The other way round it would be
 * seen nowhere, and taken for lost.
 */
export async function readEnd(queue: QueueReader, effects: EffectSource): Promise<End> {
  const rest = await queue.rest();
  return { rest, size: await effects.finish() };
}
