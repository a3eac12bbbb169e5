import { groupKeys } from '@understudy/redis';
import { setUpSystem, type SystemStage } from '../subject/system-stage.ts';
import { bullmqEnqueuer } from '../workload/bullmq-enqueuer.ts';
import { EffectLog } from '../workload/effect-log.ts';
import type { EffectSource } from '../workload/effect-source.ts';
import type { Enqueuer } from '../workload/enqueuer.ts';
import { QueueContents } from '../workload/queue-contents.ts';
import type { QueueReader } from '../workload/queue-reader.ts';
import { StreamContents } from '../workload/stream-contents.ts';
import { streamEnqueuer } from '../workload/stream-enqueuer.ts';
import { queueNames } from './queue-names.ts';
import { laneOf } from './settings.ts';
import type { StageOptions } from './stage.ts';

/** Where the jobs of a run go and where their effects are seen. Disposing ends the looking. */
export interface JobsOnStage extends AsyncDisposable {
  readonly queue: QueueReader;
  readonly effects: EffectSource;
  openEnqueuer(): Enqueuer;
  /** Who leads, where the system under test can tell. */
  readonly leaderTold?: SystemStage['leaderTold'];
  /** What shows that a node is ready, where the system under test knows it. */
  readonly signOf?: SystemStage['signOf'];
}

/**
 * Opens what the plan's subject needs: the hooks of a system, else a queue and an effect log in Redis.
 * @throws {SystemUnusable} when a hook fails
 */
export async function jobsOnStage(options: StageOptions, url: string): Promise<JobsOnStage> {
  const { plan, run, record, note, onFailure, clock, timers } = options;
  const { settings, nodes } = plan;
  const keys = groupKeys(run);
  const place = { url, ...queueNames(settings, run) };
  if (options.subject && 'system' in options.subject) {
    return setUpSystem({
      system: options.subject.system,
      run: {
        ...{ run, nodes, mode: settings.mode, effects: keys.effects },
        ...{ redisUrl: url, queue: place.queue, prefix: place.prefix, signal: options.signal },
      },
      ...{ record, onFailure, note, clock, timers },
    });
  }
  await using started = new AsyncDisposableStack();
  const isStream = laneOf(settings) === 'stream';
  // Balances, and the parking of jobs, are a matter of this repository's worker.
  const ledgerOf = settings.foreign ? undefined : run;
  const queue = started.use(
    isStream
      ? new StreamContents({ ...place, ledgerOf })
      : new QueueContents({ ...place, group: run }),
  );
  const effects = started.use(new EffectLog({ url, stream: keys.effects, record, timers }));
  const all = started.move();
  return {
    queue,
    effects,
    openEnqueuer: () => (isStream ? streamEnqueuer(place) : bullmqEnqueuer(place)),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
