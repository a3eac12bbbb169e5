import { type GroupKeys, runScript, type Script } from '@understudy/redis';
import type { Redis } from 'ioredis';
import type { LaneTerm } from '../lane.ts';
import { streamScripts } from './scripts.ts';
import type { Entry, Notes } from './stream-job.ts';
import { CONSUMER_GROUP, type StreamKeys } from './stream-keys.ts';

/** What a fetch brought. */
export type Fetched =
  | { readonly status: 'fenced' }
  | {
      readonly status: 'entries';
      readonly entries: readonly Entry[];
      /** Of each entry; none where nothing is known of any. */
      readonly notes: readonly Notes[] | undefined;
      /** The last entry that anybody was given; `''` when there may be more. */
      readonly lastId: string;
    };

/** What a consumer works with. */
export interface ConsumerParts {
  readonly redis: Redis;
  readonly keys: StreamKeys;
  readonly group: GroupKeys;
  readonly incarnation: string;
  readonly token: LaneTerm['token'];
  /** What gives entries out: fetch.lua. */
  readonly fetchScript: Script;
}

/**
 * A consumer of the group and what it asks for. It is named by its incarnation, and where nodes lead
 * also by the term, so that what it holds is told apart from what its process held before. All of it
 * may be asked twice.
 */
export class Consumer {
  readonly name: string;
  readonly token: LaneTerm['token'];
  readonly #redis: Redis;
  readonly #keys: StreamKeys;
  readonly #fetch: { script: Script; keys: readonly string[]; args: readonly string[] };
  readonly #acknowledge: { keys: readonly string[]; args: readonly string[] };
  readonly #own: readonly string[];

  constructor(parts: ConsumerParts) {
    const { keys, incarnation, token } = parts;
    this.name = token ? `${incarnation}:${token.term}` : incarnation;
    this.token = token;
    this.#redis = parts.redis;
    this.#keys = keys;
    this.#own = [CONSUMER_GROUP, this.name];
    const { epoch } = parts.group;
    const args = [...this.#own, token ? String(token.epoch) : '', token?.term ?? ''];
    this.#fetch = { script: parts.fetchScript, keys: [keys.jobs, epoch, keys.notes], args };
    this.#acknowledge = {
      keys: [keys.jobs, epoch, keys.notes, `${keys.robbed}${this.name}`],
      args,
    };
  }

  /** The next entries: `count` at most; first what it holds after `cursor`. */
  async fetch(cursor: string, count: number): Promise<Fetched> {
    const { script, keys, args } = this.#fetch;
    const reply = await runScript(this.#redis, script, keys, [...args, cursor, count]);
    const [status, entries, notes, lastId] = reply as
      ['fenced', number] | ['entries', Entry[], Notes[] | null, string];
    if (status === 'fenced') return { status };
    return {
      ...{ status: 'entries', entries: entries as Entry[] },
      ...{ notes: notes ?? undefined, lastId: lastId ?? '' },
    };
  }

  /** Completes entries. @returns for each whether it was ours to complete */
  async acknowledge(entries: readonly string[]): Promise<boolean[]> {
    const { keys, args } = this.#acknowledge;
    const script = streamScripts.acknowledge;
    const lost = await runScript(this.#redis, script, keys, [...args, ...entries]);
    return answers(entries, lost);
  }

  /** Gives entries back to whoever fetches next. @returns for each whether it was ours */
  async giveBack(entries: readonly string[]): Promise<boolean[]> {
    const args = [...this.#own, ...entries];
    const keys = [this.#keys.jobs, this.#keys.notes];
    return answers(entries, await runScript(this.#redis, streamScripts.giveBack, keys, args));
  }

  /** Notes that an entry is about to be tried alone, or is not any more. @returns whether it is ours */
  noteAlone(entry: string, alone: boolean): Promise<boolean> {
    return this.#note(entry, 'a', alone ? this.name : '');
  }

  /** Notes how often an entry's handler has failed. @returns whether it is ours */
  noteFailures(entry: string, failures: number): Promise<boolean> {
    return this.#note(entry, 'f', failures);
  }

  /** Gives an entry up. @returns whether it was ours */
  async park(entry: string, reason: string): Promise<boolean> {
    const { jobs, notes, parked } = this.#keys;
    const args = [...this.#own, entry, reason];
    return (await runScript(this.#redis, streamScripts.park, [jobs, notes, parked], args)) === 1;
  }

  async #note(entry: string, field: string, value: string | number): Promise<boolean> {
    const keys = [this.#keys.jobs, this.#keys.notes];
    const args = [...this.#own, entry, field, value];
    return (await runScript(this.#redis, streamScripts.note, keys, args)) === 1;
  }
}

function answers(entries: readonly string[], lost: unknown): boolean[] {
  const not = lost as string[];
  return entries.map((entry) => not.length === 0 || !not.includes(entry));
}
