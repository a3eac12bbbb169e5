import { connect, type ConnectionWatch, runScript } from '@understudy/redis';
import {
  type Prng,
  randomId,
  seededPrng,
  sleep,
  systemTimers,
  type Timers,
} from '@understudy/runtime';
import type { Producer } from '../lane.ts';
import { QueueFull } from './errors.ts';
import { streamScripts } from './scripts.ts';
import { streamKeys, type StreamPlace } from './stream-keys.ts';

/** Options of `streamProducer`. */
export interface StreamProducerOptions extends StreamPlace {
  /** The data Redis. */
  readonly url: string;
  /** Back-pressure: how many jobs that are not done there may be. Default: any number. */
  readonly maxLength?: number | undefined;
  /** Ends the wait for room. Default: it lasts until there is some. */
  readonly signal?: AbortSignal;
  /** Watches the connections. Default: nobody does. */
  readonly watch?: ConnectionWatch | undefined;
  readonly timers?: Timers;
  readonly prng?: Prng;
}

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Enqueues jobs as `streamLane` reads them: entries with the fields `id` and `data`. The id is the
 * job's identity; enqueueing it twice makes two entries and one effect. An entry that is done leaves
 * the stream, so its length is the backlog: with `maxLength` a producer waits until workers have
 * caught up.
 */
export function streamProducer(options: StreamProducerOptions): Producer {
  const { url, queue, maxLength, signal, watch, timers = systemTimers } = options;
  const { jobs } = streamKeys(options);
  const prng = options.prng ?? seededPrng(randomId());
  const redis = connect(url, { purpose: 'queue', name: `understudy:producer:${queue}`, watch });
  return {
    async enqueue(data) {
      const text = JSON.stringify(data);
      if (maxLength === undefined) {
        await redis.xadd(jobs, '*', 'id', data.id, 'data', text);
        return;
      }
      const args = [maxLength, data.id, text];
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        if ((await runScript(redis, streamScripts.addBelow, [jobs], args)) !== null) return;
        // Half to one and a half times: many producers do not come back in the same moment.
        if (!signal?.aborted) await sleep(timers, pauseMs * (0.5 + prng.float()), signal);
        if (signal?.aborted) throw new QueueFull(data.id, maxLength);
      }
    },
    [Symbol.asyncDispose]() {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}
