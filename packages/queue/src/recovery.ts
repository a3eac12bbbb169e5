import { type GroupKeys, runScript } from '@understudy/redis';
import type { Clock } from '@understudy/runtime';
import type { KeysMap } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Recovery, TakenJob } from './lane.ts';
import { scripts } from './scripts.ts';

/** How recovery judges and counts. */
export interface RecoverySettings {
  /** How often a job may be taken back from the dead before it is tried alone. */
  readonly recoveryLimit: number;
  /** After a restart of the server nobody counts as absent for that long, in ms. */
  readonly graceMs: number;
}

/** How often every active job is looked at, though nobody may be newly absent. */
const SWEEP_EVERY_MS = 250;
/** For how long a newly absent incarnation is looked after at every call: late fetches. */
const URGENT_MS = 1000;
/** After how long an absent incarnation is forgotten. */
const FORGET_MS = 60_000;

/** Calls `recover.lua` for one incarnation and one queue. */
export class RecoveryCall {
  readonly #redis: Redis;
  readonly #keys: readonly string[];
  readonly #args: readonly (string | number)[];
  readonly #clock: Clock;
  #nextSweepMs = Number.NEGATIVE_INFINITY;

  constructor(
    redis: Redis,
    group: GroupKeys,
    queue: KeysMap,
    incarnation: string,
    settings: RecoverySettings,
    clock: Clock,
  ) {
    this.#redis = redis;
    this.#clock = clock;
    const { incarnations } = group;
    const lists = [
      'active',
      'wait',
      'prioritized',
      'meta',
      'marker',
      'events',
      'stalled',
      'failed',
    ];
    this.#keys = [
      ...[incarnations, `${incarnations}:absent`, `${incarnations}:server`],
      ...lists.map((list) => queue[list] as string),
    ];
    this.#args = [
      ...[queue[''] as string, group.presenceOf(''), group.heartbeatOf(''), incarnation],
      ...[settings.recoveryLimit, settings.graceMs, URGENT_MS, FORGET_MS],
    ];
  }

  /** One call; also returns what of this incarnation is active, as [queue id, token] pairs. */
  async run(): Promise<{ recovery: Recovery; own: [string, string][] }> {
    const nowMs = this.#clock.monotonicMs();
    const sweep = nowMs >= this.#nextSweepMs;
    if (sweep) this.#nextSweepMs = nowMs + SWEEP_EVERY_MS;
    const args = [...this.#args, sweep ? 1 : 0];
    const reply = await runScript(this.#redis, scripts.recover, this.#keys, args);
    const [taken, parked, absent, own] = reply as [string[], string[], string[], string[]];
    return {
      recovery: {
        taken: pairs(taken).map(([queueId, incarnation]): TakenJob => ({ queueId, incarnation })),
        parked,
        absent,
      },
      own: pairs(own),
    };
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2)
    found.push([flat[i] as string, flat[i + 1] as string]);
  return found;
}
