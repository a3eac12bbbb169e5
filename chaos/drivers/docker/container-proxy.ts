import { sleep, type Timers } from '@understudy/runtime';
import { LinkProxyFailed } from '../../errors.ts';
import { ANSWER_LIMIT_MS, type ProxyLink, ProxyTalk } from '../proxy-talk.ts';
import type { ContainerState } from './container-facts.ts';
import type { ContainerHand } from './container-hand.ts';
import type { Conversation } from './engine.ts';

/** What it takes to give orders to the proxy of a node in a container. */
export interface ContainerProxyOptions {
  /** The node that reaches Redis through it. */
  readonly node: string;
  readonly hand: ContainerHand;
  /** As the proxy's container is now. */
  readonly state: ContainerState;
  /** Fixes what is drawn at random in it. */
  readonly seed: number;
  readonly timers: Timers;
  /** Told when it takes no more orders, and was not disposed of: what was in force is healed then. */
  onFailure(error: LinkProxyFailed): void;
}

/** Within the image of proxies: hands orders on to the proxy itself. */
const CONTROL = ['node', 'chaos/proxy/control.mjs'];

/**
 * The proxy of a node in a container, as long as orders are given to it. It serves before and
 * afterwards; what was put in force and not healed ends when this is disposed of, or the lab dies.
 */
export class ContainerProxy implements AsyncDisposable {
  readonly #options: ContainerProxyOptions;
  readonly #talk: ProxyTalk;
  readonly #ended = Promise.withResolvers<string>();
  #conversation: Conversation | undefined;
  #servers: readonly string[] = [];
  #complaint = '';
  #disposed = false;

  private constructor(options: ContainerProxyOptions) {
    this.#options = options;
    this.#talk = new ProxyTalk({
      tell: (order) => this.#conversation?.say(JSON.stringify(order)),
      ended: this.#ended.promise,
      failure: (what) => this.#failure(what),
      timers: options.timers,
    });
  }

  /**
   * Takes up the talk, and waits until the proxy has answered.
   * @throws {LinkProxyFailed} when it does not @throws {DockerEngineUnfit}
   */
  static async open(options: ContainerProxyOptions): Promise<ContainerProxy> {
    const proxy = new ContainerProxy(options);
    try {
      await proxy.#begin();
      return proxy;
    } catch (error) {
      await proxy[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The node that reaches Redis through it. */
  get node(): string {
    return this.#options.node;
  }

  /** The link of its node, for the next fault on it. */
  link(): ProxyLink {
    const { node, hand, state, seed } = this.#options;
    return this.#talk.link({
      who: hand.who,
      pid: state.pid,
      startTime: state.startedAt,
      seed: `${seed}/${node}`,
      servers: this.#servers,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    if (!this.#conversation) return;
    this.#conversation.end();
    // It says goodbye when everything is healed.
    const waited = new AbortController();
    const limit = sleep(this.#options.timers, ANSWER_LIMIT_MS, waited.signal);
    await Promise.race([this.#ended.promise, limit]);
    waited.abort();
    this.#conversation[Symbol.dispose]();
  }

  async #begin(): Promise<void> {
    const onLine = (line: string, stream: 'stdout' | 'stderr'): void => {
      if (stream === 'stdout') this.#talk.hear(line);
      else this.#complaint = line;
    };
    this.#conversation = await this.#options.hand.converse(CONTROL, onLine, () => this.#end());
    this.#servers = (await this.#talk.serving()).servers;
  }

  #end(): void {
    const how = 'takes no more orders';
    this.#ended.resolve(how);
    if (!this.#disposed) this.#options.onFailure(this.#failure(how));
  }

  #failure(what: string): LinkProxyFailed {
    const { node, hand } = this.#options;
    const why = this.#complaint === '' ? '' : ` (${this.#complaint})`;
    return new LinkProxyFailed(
      `the proxy of ${node} ${what}${why}. Its log: docker logs ${hand.id.slice(0, 12)}`,
      { context: { node } },
    );
  }
}
