import { sleep, type Timers, unreachable } from '@understudy/runtime';
import type { LinkProxyFailed } from '../errors.ts';
import { type Order, type Report, reportSchema } from '../proxy/messages.ts';
import type { Tally, Trouble } from '../proxy/trouble.ts';
import type { FaultyLink } from './faulty-link.ts';

/** A node's link as its proxy has it in hand, for one fault. */
export interface ProxyLink extends Omit<FaultyLink, 'inject' | 'heal' | 'network'> {
  /** The proxy, for evidence: `proxy pid 4711`. */
  readonly who: string;
  /**
   * Puts a trouble in force, and waits until it has affected something. Returns what: undefined
   * when it was nothing within `limitMs`. It stays in force all the same.
   * @throws {LinkProxyFailed} when the proxy has ended
   */
  inject(trouble: Trouble, limitMs: number): Promise<Tally | undefined>;
  /**
   * Ends the trouble; returns what it affected altogether.
   * @throws {LinkProxyFailed} when the proxy has ended
   */
  heal(): Promise<Tally>;
}

/** What the lab talks with a proxy through. */
export interface ProxyTalkOptions {
  tell(order: Order): void;
  /** Resolves when nothing more can be said to it, with the reason: `ended by SIGKILL`. */
  readonly ended: Promise<string>;
  failure(what: string): LinkProxyFailed;
  readonly timers: Timers;
}

/** What a proxy says when it listens. */
export type Serving = Extract<Report, { report: 'serving' }>;

/** How long a proxy may take for what it does at once where nothing is wrong. */
export const ANSWER_LIMIT_MS = 10_000;

/** What waits for a report, by trouble. */
type Waiters = Map<string, PromiseWithResolvers<Tally>>;

/** The lab's end of the talk with a proxy: orders out, reports in, line by line. */
export class ProxyTalk {
  readonly #options: ProxyTalkOptions;
  readonly #serving = Promise.withResolvers<Serving>();
  readonly #landed: Waiters = new Map();
  readonly #healed: Waiters = new Map();
  readonly #passed = new Map<string, () => void>();
  #faults = 0;
  #watches = 0;

  constructor(options: ProxyTalkOptions) {
    this.#options = options;
  }

  /** What the proxy says once it listens. @throws {LinkProxyFailed} */
  serving(): Promise<Serving> {
    return this.#orFailure(this.#serving.promise, ANSWER_LIMIT_MS, () => {
      throw this.#options.failure(`did not listen within ${ANSWER_LIMIT_MS / 1000} s`);
    });
  }

  /** Takes a line that the proxy has said. */
  hear(line: string): void {
    const report = reportSchema.parse(JSON.parse(line));
    switch (report.report) {
      case 'serving':
        return this.#serving.resolve(report);
      case 'passed':
        return this.#passed.get(report.id)?.();
      case 'landed':
        return this.#landed.get(report.id)?.resolve(report.tally);
      case 'healed':
        return this.#healed.get(report.id)?.resolve(report.tally);
      default:
        return unreachable(report);
    }
  }

  /** The link, for the next fault on it. `seed` fixes what is drawn at random, fault by fault. */
  link(proxy: Omit<ProxyLink, 'inject' | 'heal'>): ProxyLink {
    this.#faults += 1;
    const id = String(this.#faults);
    const { tell, failure } = this.#options;
    return {
      ...proxy,
      seed: `${proxy.seed}/${id}`,
      inject: (trouble, limitMs) => {
        const landed = Promise.withResolvers<Tally>();
        this.#landed.set(id, landed);
        tell({ order: 'inject', id, trouble });
        return this.#orFailure<Tally | undefined>(landed.promise, limitMs, () => undefined);
      },
      heal: () => {
        const healed = Promise.withResolvers<Tally>();
        this.#healed.set(id, healed);
        tell({ order: 'heal', id });
        return this.#orFailure(healed.promise, ANSWER_LIMIT_MS, () => {
          throw failure(`did not answer within ${ANSWER_LIMIT_MS / 1000} s`);
        });
      },
    };
  }

  /** Resolves when the node sends something on a connection that it opens from now on. */
  firstCommand(): Promise<void> {
    this.#watches += 1;
    const id = String(this.#watches);
    this.#options.tell({ order: 'watch', id });
    return new Promise((resolve) => this.#passed.set(id, resolve));
  }

  /** What was promised, or what `late` makes of its absence after `limitMs`. */
  async #orFailure<T>(promised: Promise<T>, limitMs: number, late: () => T): Promise<T> {
    const { ended, failure, timers } = this.#options;
    const waited = new AbortController();
    const tooLate = Symbol();
    const outcome = await Promise.race([
      promised,
      ended.then((how) => {
        throw failure(how);
      }),
      sleep(timers, limitMs, waited.signal).then((): typeof tooLate => tooLate),
    ]).finally(() => waited.abort());
    return outcome === tooLate ? late() : outcome;
  }
}
