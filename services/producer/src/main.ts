import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { bullmqProducer } from '@understudy/queue';
import { sleep, systemClock, systemTimers } from '@understudy/runtime';
import { createLogger, LOG_LEVELS } from '@understudy/telemetry';
import { z } from 'zod';
import { paceUntil } from './pace.ts';

const environment = z.object({
  REDIS_URL: z.string().regex(/^rediss?:\/\/\S+$/, 'expected redis://host:port or rediss://…'),
  UNDERSTUDY_GROUP: z.string().min(1),
  UNDERSTUDY_QUEUE: z.string().min(1).default('payments'),
  UNDERSTUDY_PREFIX: z.string().min(1).optional(),
  UNDERSTUDY_INPUT: z.string().min(1),
  UNDERSTUDY_RATE: z.coerce.number().positive().default(400),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});

const EX_CONFIG = 78;

async function main(env: z.infer<typeof environment>): Promise<void> {
  const log = createLogger(env.LOG_LEVEL, { service: 'producer', group: env.UNDERSTUDY_GROUP });
  await using producer = bullmqProducer({
    url: env.REDIS_URL,
    group: env.UNDERSTUDY_GROUP,
    queue: env.UNDERSTUDY_QUEUE,
    ...(env.UNDERSTUDY_PREFIX === undefined ? {} : { prefix: env.UNDERSTUDY_PREFIX }),
  });
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort());
  const lines = createInterface({ input: createReadStream(env.UNDERSTUDY_INPUT) });
  const startedMs = systemClock.monotonicMs();
  let enqueued = 0;
  for await (const line of lines) {
    if (stopping.signal.aborted) break;
    if (line.trim() === '') continue;
    const waitMs = paceUntil(startedMs, enqueued, env.UNDERSTUDY_RATE) - systemClock.monotonicMs();
    if (waitMs > 0) await sleep(systemTimers, waitMs, stopping.signal);
    await producer.enqueue(z.looseObject({ id: z.string() }).parse(JSON.parse(line)));
    enqueued += 1;
  }
  log.info({ enqueued }, stopping.signal.aborted ? 'stopped early' : 'input is enqueued');
}

const parsed = environment.safeParse(process.env);
if (parsed.success) await main(parsed.data);
else {
  process.stderr.write(`the producer cannot start:\n${z.prettifyError(parsed.error)}\n`);
  process.exitCode = EX_CONFIG;
}
