import {
  commandConnection,
  type CommandConnection,
  type ConnectionWatch,
  type GroupKeys,
  runScript,
  type Script,
} from '@understudy/redis';
import { invariant, messageOf, type Timers } from '@understudy/runtime';
import { disconnected } from './disconnected.ts';
import {
  type GlanceAnswer,
  type ProbeAnswer,
  type SeenLock,
  SILENCE_DECAY_MS,
  type Standing,
} from './lock-view.ts';
import type { LeaseScripts } from './scripts.ts';
import type { LeaseSettings } from './settings.ts';
import type { Found } from './state.ts';

interface Options {
  readonly url: string;
  readonly name: string;
  readonly keys: GroupKeys;
  readonly settings: LeaseSettings;
  readonly scripts: LeaseScripts;
  readonly watch: ConnectionWatch | undefined;
  /** Connected, for the first time or again. */
  onReady(): void;
  /** The node stopped answering; called once per interruption. */
  onFailed(error: string): void;
}

/** One lock node: what is asked of it apart from redlock's three scripts. */
export class LockNode {
  readonly connection: CommandConnection;
  readonly #options: Options;
  #failing = false;
  #beating = false;

  constructor(options: Options) {
    this.#options = options;
    const { url, name, settings, watch } = options;
    this.connection = commandConnection(url, {
      name,
      commandTimeoutMs: settings.commandTimeoutMs,
      watch,
      onError: (error) => this.#failed(messageOf(error)),
    });
    this.connection.onLost(() => this.#failed('the connection was lost'));
    this.connection.onReady(() => {
      // Known scripts save a trip when it matters most. A server that forgets them is sent the text.
      for (const { text } of Object.values(options.scripts) as Script[]) {
        this.connection.redis.script('LOAD', text).catch(() => undefined);
      }
      options.onReady();
    });
  }

  /** Looks at the lock; undefined when the node does not answer. */
  async probe(owner: string): Promise<ProbeAnswer | undefined> {
    const { keys, scripts, settings } = this.#options;
    const { runId } = this.connection;
    if (runId === undefined) return undefined;
    const answer = await this.#run(
      scripts.probe,
      [keys.lease, keys.holder, keys.knownEpoch, keys.silence],
      [owner, settings.graceMs],
    );
    return answer === undefined ? undefined : parseProbe(answer, runId);
  }

  /** Counts who listens to the holder's channel, and who contends; undefined when it does not answer. */
  async glance(channel: string): Promise<GlanceAnswer | undefined> {
    const { contenders } = this.#options.keys;
    const counts = await this.#answered(() =>
      this.connection.redis.pubsub('NUMSUB', channel, contenders),
    );
    return counts && { holder: Number(counts[1]), contenders: Number(counts[3]) };
  }

  /** Beats, unless the last heartbeat is still under way. Undefined when nothing was found out. */
  async beat(value: string, epoch: number): Promise<Found | undefined> {
    if (this.#beating) return undefined;
    this.#beating = true;
    const { keys, scripts } = this.#options;
    const answer = await this.#run(
      scripts.beat,
      [keys.lease, keys.holder, keys.knownEpoch],
      [value, epoch],
    );
    this.#beating = false;
    if (answer === undefined) return 'unknown';
    return answer === 1 ? 'ours' : answer === 0 ? 'absent' : 'other';
  }

  /**
   * Tells all who contend to look now. Sent behind the release, so they find the lock gone. True where
   * somebody but this node heard it.
   */
  async tellGivenBack(): Promise<boolean> {
    // Who is not told, or where it may not be published, finds out a few ms later by itself.
    const { contenders } = this.#options.keys;
    const heard = await this.connection.redis.publish(contenders, '').catch(() => 0);
    return heard > 1;
  }

  /** Deletes a silent holder's lock. True when there is none now. */
  async depose(seen: SeenLock): Promise<boolean> {
    const { keys, scripts, settings } = this.#options;
    const args = [seen.value, seen.beat, settings.ttlMs];
    return (await this.#run(scripts.depose, [keys.lease, keys.holder], args)) === 1;
  }

  /** Reports that the lock `value` was deposed though its holder ran. True where that is proven. */
  async reportFalseTakeover(value: string): Promise<boolean> {
    const { keys, scripts, settings } = this.#options;
    const args = [value, settings.silenceMs, settings.ttlMs, SILENCE_DECAY_MS];
    const answer = await this.#run(scripts.reportFalseTakeover, [keys.holder, keys.silence], args);
    return typeof answer === 'number' && answer > 0;
  }

  #run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    return this.#answered(() => runScript(this.connection.redis, script, keys, args));
  }

  /** Undefined when the node did not answer: whether it did what was asked is unknown then. */
  async #answered<T>(ask: () => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await ask();
      this.#failing = false;
      return answer;
    } catch (error) {
      this.#failed(messageOf(error));
      return undefined;
    }
  }

  /** Closes the connection; resolves when it is closed. */
  close(timers: Timers): Promise<void> {
    // What fails from here on was not the node's doing.
    this.#failing = true;
    const { commandTimeoutMs } = this.#options.settings;
    return disconnected(this.connection.redis, timers, commandTimeoutMs);
  }

  #failed(why: string): void {
    if (!this.#failing) this.#options.onFailed(why);
    this.#failing = true;
  }
}

function parseProbe(answer: unknown, runId: string): ProbeAnswer {
  invariant(Array.isArray(answer) && answer.length === 9, 'probe.lua returns nine values');
  const [standing, value, beat, beatAgeMs, leftMs, knownEpoch, silenceMs, silenceLeftMs, channel] =
    answer as [Standing, string, number, number, number, number, number, number, string];
  return {
    standing,
    value,
    beat,
    beatAgeMs,
    leftMs,
    knownEpoch,
    silenceMs,
    silenceLeftMs,
    channel,
    runId,
  };
}
