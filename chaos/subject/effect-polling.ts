import type { OperationBody } from '@understudy/history';
import { type Clock, messageOf, sleep, type Timers } from '@understudy/runtime';
import { SystemUnusable } from '../errors.ts';
import type { EffectSource, LogSize } from '../workload/effect-source.ts';
import { identify, type SeenEffect } from './effect-identity.ts';
import type { System, SystemEffects, SystemRun } from './system.ts';

/** What following a system's effects needs. */
export interface EffectPollingOptions {
  readonly system: System;
  readonly run: SystemRun;
  record(operation: OperationBody): void;
  /** Told when what `readEffects` gives is of no use. */
  onFailure(error: Error): void;
  /** Says something that people should know and that ends nothing. */
  note(kind: string, text: string): void;
  readonly clock: Clock;
  readonly timers: Timers;
}

const LEAST_PAUSE_MS = 50;
/** A sink that takes its time is asked for at most a fifth of it. */
const PAUSE_FACTOR = 4;

/**
 * Follows the effects of a system by asking for all of them again and again, and once more at the
 * end. Each is recorded once, when it is first seen; one that was seen and is missing at the end is
 * recorded as vanished.
 */
export class EffectPolling implements EffectSource {
  readonly #options: EffectPollingOptions;
  /** Identity → what was recorded of it. */
  readonly #seen = new Map<string, { readonly job: string; readonly position: number }>();
  readonly #ended = new AbortController();
  #following: Promise<void> = Promise.resolve();

  private constructor(options: EffectPollingOptions) {
    this.#options = options;
  }

  /**
   * Reads for the first time, before anything has happened, and begins to follow.
   * @throws {SystemUnusable} when it cannot be read, or there are effects already
   */
  static async open(options: EffectPollingOptions): Promise<EffectPolling> {
    const polling = new EffectPolling(options);
    let found: readonly SeenEffect[];
    try {
      found = await polling.#read();
    } catch (error) {
      if (error instanceof SystemUnusable) throw error;
      throw new SystemUnusable(
        `readEffects() threw before the run began: ${messageOf(error)}. See that what it connects to runs; tables that it needs can be made in setUp().`,
        { cause: error },
      );
    }
    const [first] = found;
    if (first) {
      throw new SystemUnusable(
        `readEffects() returned ${found.length} effects before the first job was enqueued, the first of ${first.effect.job}. It must return those of this run alone: select them by the name of the run (its second argument has it, and nodes find it in UNDERSTUDY_GROUP), or empty the sink in setUp().`,
      );
    }
    polling.#following = polling.#follow();
    return polling;
  }

  async finish(): Promise<LogSize> {
    await this.#stop();
    let found: readonly SeenEffect[];
    try {
      found = await this.#read();
    } catch (error) {
      const text = `readEffects() threw at the end: ${messageOf(error)}. Without the last read nothing can be said of this run: see that what it connects to runs on when the nodes have ended.`;
      this.#options.note('readEffects', text);
      throw error;
    }
    this.#recordAll(found, 'final');
    const present = new Set(found.map(({ identity }) => identity));
    for (const [identity, { job, position }] of this.#seen) {
      if (present.has(identity)) continue;
      this.#options.record({
        ...{ op: 'vanished', type: 'info', process: 'ledger' },
        ...{ job, id: identity, position },
      });
    }
    return { entriesAdded: found.length, entriesRead: found.length };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }

  async #stop(): Promise<void> {
    this.#ended.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { clock, timers, note, onFailure } = this.#options;
    const { signal } = this.#ended;
    while (!signal.aborted) {
      const fromMs = clock.monotonicMs();
      try {
        const found = await this.#read();
        if (!signal.aborted) this.#recordAll(found, 'live');
      } catch (error) {
        if (error instanceof SystemUnusable) return onFailure(error);
        // A fault may be on the sink itself: ask again, and tell if it stays so to the end.
        note('readEffects', `readEffects() threw while the run went on: ${messageOf(error)}`);
      }
      const tookMs = clock.monotonicMs() - fromMs;
      await sleep(timers, Math.max(LEAST_PAUSE_MS, tookMs * PAUSE_FACTOR), signal);
    }
  }

  #recordAll(found: readonly SeenEffect[], source: 'live' | 'final'): void {
    for (const { identity, effect, unnamed } of found) {
      if (this.#seen.has(identity)) continue;
      const { job, node, key, epoch, term, amountCents } = effect;
      const position = effect.position ?? this.#seen.size + 1;
      this.#seen.set(identity, { job, position });
      this.#options.record({
        ...{ op: 'effect', type: 'ok', process: 'ledger', job },
        ...(unnamed ? { unnamed: true } : {}),
        node: node ?? 'unknown',
        ...(epoch === undefined ? {} : { epoch }),
        ...(term === undefined ? {} : { term }),
        ...{ position, id: identity },
        ...(key === undefined ? {} : { key }),
        ...(amountCents === undefined ? {} : { amountCents }),
        source,
      });
    }
  }

  async #read(): Promise<readonly SeenEffect[]> {
    const { system, run } = this.#options;
    const given: unknown = await system.readEffects(run);
    const effects: unknown[] = [];
    for await (const effect of asIterable(given)) effects.push(effect);
    return identify(effects);
  }
}

function asIterable(given: unknown): SystemEffects {
  const iterable =
    typeof given === 'object' &&
    given !== null &&
    (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (iterable) return given as SystemEffects;
  throw new SystemUnusable(
    `readEffects() returned ${given === null ? 'null' : typeof given}: it must return an array or an async iterable of { job, node, … }`,
  );
}
