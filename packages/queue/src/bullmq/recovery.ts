import { type GroupKeys, runScript, type Script } from '@understudy/redis';
import type { Clock } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { absenceCall, SWEEP_EVERY_MS } from '../absence.ts';
import type { Recovery } from '../lane.ts';
import { scripts } from './scripts.ts';

/** What recovery works with. */
export interface RecoveryParts {
  readonly redis: Redis;
  readonly group: GroupKeys;
  /** BullMQ's keys of the queue: what it calls them → their names; '' → what precedes a job's id. */
  readonly queue: Readonly<Record<string, string>>;
  readonly incarnation: string;
  /** How often a job may be taken back from the dead before it is tried alone. */
  readonly recoveryLimit: number;
  /**
   * Whether a paused queue is left as it is: where a resuming BullMQ 5 may share it, which throws
   * away what was put among the waiting meanwhile. Default false.
   */
  readonly notWhilePaused?: boolean;
  /** When the server restarted or stood still, no heartbeat is missed for that long, in ms. */
  readonly graceMs: number;
  /** What finds the jobs and takes them back: recover.lua. */
  readonly script: Script;
  /** Whether this process knows, or may get to know, of a job it holds with that token. */
  readonly knows: (queueId: string, token: string) => boolean;
  readonly clock: Clock;
}

/** Calls `recover.lua` for one incarnation and one queue. */
export class RecoveryCall {
  readonly #redis: Redis;
  readonly #script: Script;
  readonly #keys: readonly string[];
  readonly #args: readonly (string | number)[];
  readonly #whilePaused: 0 | 1;
  readonly #lockOf: (queueId: string) => string;
  readonly #knows: (queueId: string, token: string) => boolean;
  readonly #clock: Clock;
  #nextSweepMs = Number.NEGATIVE_INFINITY;

  constructor(parts: RecoveryParts) {
    const { group, queue } = parts;
    this.#redis = parts.redis;
    this.#script = parts.script;
    this.#clock = parts.clock;
    this.#knows = parts.knows;
    this.#whilePaused = parts.notWhilePaused ? 0 : 1;
    this.#lockOf = (queueId) => `${queue['']}${queueId}:lock`;
    const absence = absenceCall(group, parts.incarnation, parts.graceMs);
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
    this.#keys = [...absence.keys, ...lists.map((list) => queue[list] as string)];
    this.#args = [...absence.args, queue[''] as string, parts.recoveryLimit];
  }

  /** The next call is to look at every active job. */
  sweepNext(): void {
    this.#nextSweepMs = Number.NEGATIVE_INFINITY;
  }

  /** One call, and a second one when this very process turns out to hold forgotten jobs. */
  async run(): Promise<Recovery> {
    const nowMs = this.#clock.monotonicMs();
    const sweep = nowMs >= this.#nextSweepMs;
    if (sweep) this.#nextSweepMs = nowMs + SWEEP_EVERY_MS;
    const { recovery, own } = await this.#call(sweep);
    // Locked by this process, which knows nothing of it: the reply to the fetch was lost.
    const orphans = own.filter(([queueId, token]) => !this.#knows(queueId, token));
    if (orphans.length === 0) return recovery;
    for (const [queueId, token] of orphans) {
      await runScript(this.#redis, scripts.releaseLock, [this.#lockOf(queueId)], [token]);
    }
    const { recovery: more } = await this.#call(true);
    return {
      taken: [...recovery.taken, ...more.taken],
      parked: [...recovery.parked, ...more.parked],
      absent: more.absent,
    };
  }

  async #call(sweep: boolean): Promise<{ recovery: Recovery; own: [string, string][] }> {
    const args = [...this.#args, sweep ? 1 : 0, this.#whilePaused];
    const reply = await runScript(this.#redis, this.#script, this.#keys, args);
    const [taken, parked, absent, own] = reply as [string[], string[], string[], string[]];
    const takenJobs = pairs(taken).map(([queueId, incarnation]) => ({ queueId, incarnation }));
    return { recovery: { taken: takenJobs, parked, absent }, own: pairs(own) };
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) {
    found.push([flat[i] as string, flat[i + 1] as string]);
  }
  return found;
}
