import {
  announceIncarnation,
  type IncarnationPresence,
  laneScripts,
  type Recovery,
  RecoveryCall,
} from '@understudy/queue/take-back';
import { connect, groupKeys } from '@understudy/redis';
import { telling } from '@understudy/worker/node';
import { bullmqKeys } from './bullmq-keys.ts';
import type { BullmqWorker } from './bullmq-shapes.ts';
import type { Member } from './group-options.ts';

/** How a led worker takes back what dead ones left, and shows that it lives itself. */
export interface TakeBack extends AsyncDisposable {
  /**
   * Announces this worker on the data Redis (R1), under its id: BullMQ begins the token of every job
   * that a worker fetches with it. Must be done before its first fetch.
   */
  announce(signal: AbortSignal): Promise<void>;
  /** Takes back the jobs of those that were announced and are absent, and those without a lock. */
  recover(): Promise<Recovery>;
}

/** BullMQ's own default. */
const BULLMQ_PREFIX = 'bull';
const GRACE_MS = 2000;

/** Recovery for BullMQ's own workers, with the scripts of the lane. */
export function takeBack(worker: BullmqWorker, member: Member): TakeBack {
  const { redisUrl: url, nodeId: node, timers, clock, log } = member;
  const group = groupKeys(member.group);
  const redis = connect(url, { purpose: 'queue', name: `understudy:recovery:${node}` });
  const call = new RecoveryCall({
    redis,
    group,
    queue: bullmqKeys(`${worker.opts.prefix ?? BULLMQ_PREFIX}:${worker.name}`),
    incarnation: worker.id,
    // A plain worker cannot run a suspect alone, so nothing is held against a job (R3): what bounds
    // its starts is BullMQ's maxStartedAttempts.
    recoveryLimit: Number.MAX_SAFE_INTEGER,
    notWhilePaused: true,
    graceMs: GRACE_MS,
    script: laneScripts.recover,
    // What BullMQ has fetched and not begun cannot be asked for. A job whose fetch was answered to
    // nobody comes back when its lock runs out.
    knows: () => true,
    clock,
  });
  redis.on('ready', () => call.sweepNext());
  const onTrouble = telling(log, 'data Redis in trouble');
  let presence: IncarnationPresence | undefined;
  return {
    async announce(signal) {
      const { group: name } = member;
      const who = { url, group: name, node, incarnation: worker.id, signal, timers, onTrouble };
      presence = await announceIncarnation(who);
    },
    recover: () => call.run(),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      await presence?.[Symbol.asyncDispose]();
    },
  };
}
