import { createHash } from 'node:crypto';
import { smallLedgerKeys } from '@understudy/exactly-once';
import {
  bullmqProducer,
  incarnationKeys,
  queueKeys,
  streamKeys,
  streamProducer,
} from '@understudy/queue';
import { commandConnection, groupKeys } from '@understudy/redis';
import { type Timers, withoutFailpoints } from '@understudy/runtime';
import { silentLogger } from '@understudy/telemetry';
import type { WorkerDefinition } from './definition.ts';
import type { Surroundings } from './surroundings.ts';
import type { WorkerSettings } from './settings.ts';
import { startWorker } from './worker.ts';

/** By then a process does what follows an election without compiling it first. */
const JOBS = 40;
const QUEUE = 'rehearsal';
/** A rehearsal is never worth waiting for: with Redis in trouble it ends where it is. */
const LIMIT_MS = 3000;
const CLEAR_LIMIT_MS = 500;

/**
 * A dress rehearsal: this process leads a group of its own for a moment, from the announcement to
 * the release, and works off a few jobs that do nothing. What a standby does in its first
 * milliseconds as a leader it would otherwise do for the first time, and most of that time goes
 * into compiling. No handler of the user runs, the node's own group is not touched, and nothing is
 * left in Redis.
 * @param settings with the `lane` that the node works on, where it is its definition that says so
 * @param signal ends the rehearsal early
 * @returns how many jobs took effect
 */
export function rehearse(
  settings: WorkerSettings,
  around: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  return withoutFailpoints(() => play(settings, around, signal));
}

async function play(
  settings: WorkerSettings,
  around: Surroundings,
  signal: AbortSignal,
): Promise<number> {
  const { timers, newId } = around;
  const stage: WorkerSettings = {
    ...settings,
    ...{ group: stageOf(settings), incarnation: `i${newId()}`, mode: 'active-passive' },
    ...{ queue: undefined, prefix: undefined, drainMs: CLEAR_LIMIT_MS },
  };
  const curtain = new AbortController();
  const over = AbortSignal.any([signal, curtain.signal]);
  const cancelLimit = timers.after(LIMIT_MS, () => curtain.abort());
  let played = 0;
  const piece: WorkerDefinition<unknown> = {
    queue: QUEUE,
    handle(_job, { credit }) {
      credit('rehearsal', 1);
      played += 1;
      if (played === JOBS) curtain.abort();
    },
  };
  try {
    // What a rehearsal left whose process was killed in the middle of it.
    await clear(stage, timers);
    await enqueue(stage, over);
    if (over.aborted) return played;
    // Neither its log lines nor its connections are this node's.
    const unseen = { ...around, log: silentLogger, watch: undefined };
    const worker = startWorker(piece, { ...unseen, settings: stage });
    await aborted(over);
    await worker.stop();
    return played;
  } finally {
    cancelLimit();
    await clear(stage, timers);
  }
}

/** The group that a node rehearses in: the same at every start, so that it can be cleared. */
function stageOf({ group, nodeId }: WorkerSettings): string {
  return `rehearsal.${createHash('sha256').update(`${group}/${nodeId}`).digest('hex').slice(0, 32)}`;
}

async function enqueue(stage: WorkerSettings, over: AbortSignal): Promise<void> {
  const place = { url: stage.redisUrl, group: stage.group, queue: QUEUE };
  await using producer = stage.lane === 'stream' ? streamProducer(place) : bullmqProducer(place);
  const enqueued = Promise.all(
    Array.from({ length: JOBS }, (_, i) => producer.enqueue({ id: `rehearsal-${i}` })),
  );
  // Whoever does not wait for it does not hear of its failure either.
  enqueued.catch(() => undefined);
  await Promise.race([enqueued, aborted(over)]);
}

async function clear(stage: WorkerSettings, timers: Timers): Promise<void> {
  const keys = groupKeys(stage.group);
  const data = [
    ...queueKeysOf(stage),
    ...smallLedgerKeys(keys),
    ...Object.values(incarnationKeys(keys)),
    keys.heartbeatOf(stage.incarnation),
  ];
  const locks = [keys.lease, keys.holder, keys.knownEpoch, keys.silence];
  await Promise.all([
    forget(stage.redisUrl, data, timers),
    ...stage.lockUrls.map((url) => forget(url, locks, timers)),
  ]);
}

function queueKeysOf({ group, lane }: WorkerSettings): readonly string[] {
  const place = { group, queue: QUEUE };
  if (lane !== 'stream') return queueKeys(place, JOBS);
  const { jobs, notes, parked } = streamKeys(place);
  return [jobs, notes, parked];
}

/** Deletes `keys`; a server that does not answer in time keeps them until the next start. */
async function forget(url: string, keys: readonly string[], timers: Timers): Promise<void> {
  await using connection = commandConnection(url, {
    name: 'understudy:rehearsal',
    commandTimeoutMs: CLEAR_LIMIT_MS,
  });
  const limit = new AbortController();
  const cancelLimit = timers.after(CLEAR_LIMIT_MS, () => limit.abort());
  await connection.ready(limit.signal);
  cancelLimit();
  if (connection.runId !== undefined) await connection.redis.del(...keys).catch(() => undefined);
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
