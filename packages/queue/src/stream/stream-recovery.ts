import { type GroupKeys, runScript, type Script } from '@understudy/redis';
import type { Clock } from '@understudy/runtime';
import type { Redis } from 'ioredis';
import { absenceCall, SWEEP_EVERY_MS } from '../absence.ts';
import type { Recovery, TakenJob } from '../lane.ts';
import type { Consumer } from './consumer.ts';
import { CONSUMER_GROUP, type StreamKeys } from './stream-keys.ts';

/** What recovery works with. */
export interface StreamRecoveryParts {
  readonly redis: Redis;
  readonly group: GroupKeys;
  readonly keys: StreamKeys;
  readonly incarnation: string;
  readonly consumer: Consumer;
  readonly recoveryLimit: number;
  readonly graceMs: number;
  /** After how long a consumer that nobody knows counts as dead, in ms. */
  readonly unknownAfterMs: number;
  readonly scripts: { readonly recover: Script; readonly claim: Script };
  readonly clock: Clock;
  /** How many entries this process knows that the consumer holds. */
  known(): number;
  /** There is something to fetch. */
  onReturned(): void;
  /** The consumer holds entries that this process was never told of. */
  onUntold(): void;
  onFenced(): void;
}

/** So many entries one call moves, so that it does not keep others waiting. */
const CHUNK = 1000;

/**
 * Takes back what others left: for a leader everything that is in flight, once its term begins and
 * whenever more turns up; where nobody leads what the dead hold.
 */
export class StreamRecovery {
  readonly #parts: StreamRecoveryParts;
  readonly #keys: readonly string[];
  readonly #args: readonly (string | number)[];
  #nextSweepMs = Number.NEGATIVE_INFINITY;
  #claiming: Promise<boolean> | undefined;
  #claimed = false;
  #untoldOf = 0;
  #taken: TakenJob[] = [];
  #absent: readonly string[] = [];

  constructor(parts: StreamRecoveryParts) {
    this.#parts = parts;
    const { group, keys, incarnation, graceMs, consumer, recoveryLimit } = parts;
    const absence = absenceCall(group, incarnation, graceMs);
    this.#keys = [...absence.keys, keys.jobs, keys.notes];
    this.#args = [...absence.args, CONSUMER_GROUP, consumer.name, recoveryLimit];
  }

  /** The next call is to look at everything. */
  sweepNext(): void {
    this.#nextSweepMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * R2: whether everything that was in flight is this consumer's, so that it may fetch; false while it
   * cannot be, because its term is not the current one. At once where nobody leads.
   */
  claimed(): Promise<boolean> {
    if (this.#claimed || !this.#parts.consumer.token) return Promise.resolve(true);
    return (this.#claiming ??= this.#claimAll().finally(() => (this.#claiming = undefined)));
  }

  /** One call, or several where there is much to take. @returns what was taken since the last one */
  async run(): Promise<Recovery> {
    if (!this.#claimed && this.#parts.consumer.token) await this.claimed();
    else {
      const nowMs = this.#parts.clock.monotonicMs();
      const sweep = nowMs >= this.#nextSweepMs;
      if (sweep) this.#nextSweepMs = nowMs + SWEEP_EVERY_MS;
      if (!this.#parts.consumer.token) await this.#recover(sweep);
      else if (sweep) await this.#claimAll();
    }
    const taken = this.#taken;
    this.#taken = [];
    return { taken, parked: [], absent: this.#absent };
  }

  async #claimAll(): Promise<boolean> {
    const { redis, scripts, group, consumer } = this.#parts;
    const { epoch = 0, term = '' } = consumer.token ?? {};
    for (let more = 1; more === 1;) {
      const keys = [...this.#keys, group.epoch];
      const args = [...this.#args, epoch, term, CHUNK];
      const reply = await runScript(redis, scripts.claim, keys, args);
      const [status, taken, absent, left, held] = reply as
        ['fenced', number] | ['claimed', string[], string[], number, number];
      if (status === 'fenced') {
        this.#parts.onFenced();
        return false;
      }
      more = left ?? 0;
      this.#note(taken as string[], absent ?? []);
      if ((taken as string[]).length > 0) this.#parts.onUntold();
      else this.#compare(held ?? 0);
    }
    this.#claimed = true;
    return true;
  }

  async #recover(sweep: boolean): Promise<void> {
    const { redis, scripts, keys, unknownAfterMs, onReturned } = this.#parts;
    const args = [...this.#args, sweep ? 1 : 0, unknownAfterMs, keys.robbed, CHUNK];
    const reply = await runScript(redis, scripts.recover, this.#keys, args);
    const [taken, absent, returned, held] = reply as [string[], string[], number, number];
    this.#note(taken, absent);
    if (returned === 1) onReturned();
    if (held >= 0) this.#compare(held);
  }

  #note(taken: readonly string[], absent: readonly string[]): void {
    for (let i = 0; i + 1 < taken.length; i += 2) {
      this.#taken.push({ queueId: taken[i] as string, incarnation: taken[i + 1] as string });
    }
    this.#absent = absent;
  }

  /** A fetch may just be on its way: only what is so twice counts. */
  #compare(held: number): void {
    this.#untoldOf = held > this.#parts.known() ? this.#untoldOf + 1 : 0;
    if (this.#untoldOf < 2) return;
    this.#untoldOf = 0;
    this.#parts.onUntold();
  }
}
