import { bullmqProducer, type Producer, streamProducer } from '@understudy/queue';
import { ConnectionWatch } from '@understudy/redis';
import { randomId, sleep, systemClock, systemTimers } from '@understudy/runtime';
import {
  createLogger,
  LOG_LEVELS,
  metricsAddress,
  metricsEnvironment,
  MetricsNotServed,
} from '@understudy/telemetry';
import { z } from 'zod';
import { enqueueUntilAccepted } from './enqueue-until-accepted.ts';
import { jobsOf } from './jobs-of.ts';
import { paceUntil } from './pace.ts';
import { serveProducerMetrics } from './serve-producer-metrics.ts';

const environment = z.object({
  REDIS_URL: z.string().regex(/^rediss?:\/\/\S+$/, 'expected redis://host:port or rediss://…'),
  UNDERSTUDY_GROUP: z.string().min(1),
  UNDERSTUDY_LANE: z.enum(['bullmq', 'stream']).default('bullmq'),
  /** On the `stream` lane: how many jobs that are not done there may be. */
  UNDERSTUDY_MAX_LENGTH: z.coerce.number().int().positive().optional(),
  UNDERSTUDY_QUEUE: z.string().min(1).default('payments'),
  UNDERSTUDY_PREFIX: z.string().min(1).optional(),
  UNDERSTUDY_INPUT: z.string().min(1),
  /** How often the input is enqueued, each time under ids of its own; or `forever`. */
  UNDERSTUDY_ROUNDS: z
    .union([
      z.literal('forever').transform(() => Number.POSITIVE_INFINITY),
      z.coerce.number().int().positive(),
    ])
    .default(1),
  UNDERSTUDY_RATE: z.coerce.number().positive().default(400),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  ...metricsEnvironment,
});

const EX_CONFIG = 78;

async function main(env: z.infer<typeof environment>): Promise<void> {
  const log = createLogger(env.LOG_LEVEL, { service: 'producer', group: env.UNDERSTUDY_GROUP });
  const watch = new ConnectionWatch();
  const address = metricsAddress(env);
  await using served = address
    ? await serveProducerMetrics(address, env.UNDERSTUDY_GROUP, watch)
    : undefined;
  if (served) log.info({ host: served.host, port: served.port }, 'metrics are served');
  const stopping = new AbortController();
  await using producer = openProducer(env, watch, stopping.signal);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const startedMs = systemClock.monotonicMs();
  let enqueued = 0;
  const options = {
    ...{ producer, signal: stopping.signal, timers: systemTimers, log },
    onEnqueued() {
      enqueued += 1;
      served?.metrics.jobEnqueued();
    },
    onRefused: () => served?.metrics.enqueueFailed(),
  };
  for await (const job of jobsOf(env.UNDERSTUDY_INPUT, env.UNDERSTUDY_ROUNDS, randomId())) {
    const waitMs = paceUntil(startedMs, enqueued, env.UNDERSTUDY_RATE) - systemClock.monotonicMs();
    if (waitMs > 0) await sleep(systemTimers, waitMs, stopping.signal);
    if (stopping.signal.aborted) break;
    await enqueueUntilAccepted(options, job);
  }
  log.info({ enqueued }, stopping.signal.aborted ? 'stopped early' : 'input is enqueued');
}

function openProducer(
  env: z.infer<typeof environment>,
  watch: ConnectionWatch,
  signal: AbortSignal,
): Producer {
  const place = {
    ...{ url: env.REDIS_URL, group: env.UNDERSTUDY_GROUP, queue: env.UNDERSTUDY_QUEUE, watch },
    ...(env.UNDERSTUDY_PREFIX === undefined ? {} : { prefix: env.UNDERSTUDY_PREFIX }),
  };
  return env.UNDERSTUDY_LANE === 'stream'
    ? streamProducer({ ...place, maxLength: env.UNDERSTUDY_MAX_LENGTH, signal })
    : bullmqProducer(place);
}

function refuse(why: string): void {
  process.stderr.write(`the producer cannot start:\n${why}\n`);
  process.exitCode = EX_CONFIG;
}

const parsed = environment.safeParse(process.env);
try {
  if (parsed.success) await main(parsed.data);
  else refuse(z.prettifyError(parsed.error));
} catch (error) {
  if (!(error instanceof MetricsNotServed)) throw error;
  refuse(error.message);
}
