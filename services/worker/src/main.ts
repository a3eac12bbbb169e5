import { flushCompileCache } from 'node:module';
import { randomId, seededPrng, systemClock, systemTimers } from '@understudy/runtime';
import {
  createLogger,
  LOG_LEVELS,
  metricsAddress,
  metricsEnvironment,
  MetricsNotServed,
} from '@understudy/telemetry';
import {
  InvalidSettings,
  rehearse,
  settingsFromEnvironment,
  startObservedWorker,
  type StartOptions,
  startWorker,
} from '@understudy/worker';
import { z } from 'zod';
import { paymentsWorker } from './payments.ts';
import { SABOTEURS, sabotagedParts, type SaboteurName } from './saboteurs/index.ts';

const list = z
  .string()
  .default('')
  .transform((names) => names.split(',').filter(Boolean));

const ownEnvironment = z.object({
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  UNDERSTUDY_HANDLER_MS: z.coerce.number().int().min(0).default(0),
  UNDERSTUDY_REHEARSAL: z.enum(['on', 'off']).default('on'),
  /** Whether a standby writes its compile cache before it is ready; otherwise it does as it ends. */
  UNDERSTUDY_KEEP_COMPILED: z.enum(['on', 'off']).default('on'),
  UNDERSTUDY_FAIL_JOBS: list,
  UNDERSTUDY_CRASH_JOBS: list,
  ...metricsEnvironment,
  UNDERSTUDY_SABOTAGE: list.pipe(z.array(z.enum(Object.keys(SABOTEURS) as SaboteurName[]))),
});

/** Environment trouble, as sysexits.h numbers it. */
const EX_CONFIG = 78;
const EX_SOFTWARE = 70;

async function main(): Promise<void> {
  const settings = settingsFromEnvironment(process.env);
  const own = ownEnvironment.parse(process.env);
  const log = createLogger(own.LOG_LEVEL, {
    service: 'worker',
    nodeId: settings.nodeId,
    group: settings.group,
    incarnation: settings.incarnation,
  });
  const surroundings = {
    clock: systemClock,
    timers: systemTimers,
    prng: seededPrng(settings.incarnation),
    newId: randomId,
    log,
  };
  const rehearsal = async (signal: AbortSignal): Promise<void> => {
    const played = await rehearse(settings, surroundings, signal);
    log.debug({ played }, 'rehearsed');
    // Kept now, because a process that is killed keeps nothing: the next start compiles less. The first time
    // it takes seconds, in which nothing else happens here: not in a process that leads or leaves.
    if (own.UNDERSTUDY_KEEP_COMPILED === 'on' && !signal.aborted) flushCompileCache();
  };
  const payments = paymentsWorker({
    handlerMs: own.UNDERSTUDY_HANDLER_MS,
    failing: new Set(own.UNDERSTUDY_FAIL_JOBS),
    deadly: new Set(own.UNDERSTUDY_CRASH_JOBS),
    crash: () => void process.kill(process.pid, 'SIGKILL'),
    ...surroundings,
  });
  const options: StartOptions = {
    settings,
    ...(own.UNDERSTUDY_REHEARSAL === 'on' ? { rehearse: rehearsal } : {}),
    parts: sabotagedParts(own.UNDERSTUDY_SABOTAGE),
    report: (event) => {
      // Whoever did not start this process knows its incarnation from here.
      const { incarnation } = settings;
      const told = 'job' in event ? event : { ...event, incarnation };
      process.stdout.write(`@understudy ${JSON.stringify(told)}\n`);
    },
    ...surroundings,
  };
  const address = metricsAddress(own);
  const worker = address
    ? await startObservedWorker(payments, options, address)
    : startWorker(payments, options);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void worker.stop().catch(() => undefined));
  }
  worker.done.then(
    () => process.exit(0),
    () => process.exit(EX_SOFTWARE),
  );
}

try {
  await main();
} catch (error) {
  const told = [InvalidSettings, MetricsNotServed, z.ZodError];
  if (!(error instanceof Error) || !told.some((kind) => error instanceof kind)) throw error;
  process.stderr.write(`${error instanceof z.ZodError ? z.prettifyError(error) : error.message}\n`);
  process.exit(EX_CONFIG);
}
