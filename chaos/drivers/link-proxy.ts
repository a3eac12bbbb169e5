import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { invariant, messageOf, sleep, type Timers } from '@understudy/runtime';
import { LinkProxyFailed } from '../errors.ts';
import type { Order } from '../proxy/messages.ts';
import { describeExit, type Exit } from './exit.ts';
import { type GatedProcess, startGated } from './gated-process.ts';
import { ANSWER_LIMIT_MS, type ProxyLink, ProxyTalk } from './proxy-talk.ts';
import type { UndoJournal } from './undo-journal.ts';

/** What it takes to put a proxy before a node. */
export interface LinkProxyOptions {
  /** `node-1`. */
  node: string;
  /** The servers behind it, by name. Only `redis://`: TLS names the server, and this is another. */
  servers: readonly { readonly name: string; readonly url: string }[];
  /** Fixes what is drawn at random in it. */
  seed: number;
  /** Where what it prints when it fails goes. */
  logPath: string;
  /** Where Node keeps what it compiled; a proxy starts faster for it. */
  compileCache?: string;
  journal: UndoJournal;
  timers: Timers;
  /** Told when it ends without having been disposed of: its node is cut off then. */
  onFailure(error: LinkProxyFailed): void;
}

/** The proxy of one node: a process, which the node's incarnations share. Disposing ends it. */
export interface LinkProxy extends AsyncDisposable {
  readonly node: string;
  readonly pid: number;
  readonly startTime: string;
  /** How it ended; it does not before it is disposed, unless something goes wrong. */
  readonly exited: Promise<Exit>;
  /** The URL by which the node reaches a server: that of the server, at the proxy's port. */
  urlOf(server: string): string;
  /** The link, for the next fault on it. */
  link(): ProxyLink;
  /** Resolves when the node sends something on a connection that it opens from now on. */
  firstCommand(): Promise<void>;
}

const LOG_END_CHARACTERS = 1500;
/** By its name in package.json, because it is another file in the repository than in the package. */
const MAIN = createRequire(import.meta.url).resolve('#proxy');

/**
 * Starts the proxy of a node and waits until it listens.
 * @throws {LinkProxyFailed} when it does not, with what it printed
 */
export async function startLinkProxy(options: LinkProxyOptions): Promise<LinkProxy> {
  const { node, logPath, journal, compileCache } = options;
  const gated = startGated({
    what: `proxy of ${node}`,
    command: [process.execPath, MAIN],
    environment: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache },
    ...{ logPath, journal },
    output: 'read',
    input: 'orders',
    failure: (why) => new LinkProxyFailed(`the proxy of ${node}: ${why}`),
  });
  const proxy = new OsLinkProxy(options, gated);
  try {
    await proxy.serve();
    return proxy;
  } catch (error) {
    await proxy[Symbol.asyncDispose]();
    throw error;
  }
}

class OsLinkProxy implements LinkProxy {
  readonly node: string;
  readonly pid: number;
  readonly startTime: string;
  readonly exited: Promise<Exit>;
  readonly #options: LinkProxyOptions;
  readonly #child: ChildProcess;
  readonly #talk: ProxyTalk;
  #ports: readonly number[] = [];
  #disposed = false;

  constructor(options: LinkProxyOptions, { child, pid, startTime, exited }: GatedProcess) {
    this.#options = options;
    this.#child = child;
    this.node = options.node;
    this.pid = pid;
    this.startTime = startTime;
    this.exited = exited;
    invariant(child.stdout, 'what a proxy says is read');
    this.#talk = new ProxyTalk({
      tell: (order) => this.#tell(order),
      ended: exited.then(describeExit),
      failure: (what) => this.#failure(what),
      timers: options.timers,
    });
    createInterface({ input: child.stdout }).on('line', (line) => this.#talk.hear(line));
    void exited.then((exit) => {
      if (!this.#disposed) options.onFailure(this.#failure(describeExit(exit)));
    });
  }

  async serve(): Promise<void> {
    const servers = this.#options.servers.map(({ name, url }) => {
      const { protocol, hostname, port } = new URL(url);
      invariant(protocol === 'redis:', 'a proxy stands before plain connections only');
      // The brackets of an IPv6 address belong to the URL.
      return { name, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
    });
    this.#tell({ order: 'serve', servers });
    this.#ports = (await this.#talk.serving()).ports;
  }

  urlOf(server: string): string {
    const index = this.#options.servers.findIndex(({ name }) => name === server);
    const url = new URL(this.#options.servers[index]?.url ?? '');
    url.hostname = '127.0.0.1';
    url.port = String(this.#ports[index]);
    return url.href;
  }

  link(): ProxyLink {
    const { pid, startTime } = this;
    const { seed, servers } = this.#options;
    return this.#talk.link({
      who: `proxy pid ${pid}`,
      ...{ pid, startTime },
      seed: `${seed}/${this.node}`,
      servers: servers.map(({ name }) => name),
    });
  }

  firstCommand(): Promise<void> {
    return this.#talk.firstCommand();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { timers } = this.#options;
    this.#disposed = true;
    this.#child.stdin?.end();
    const waited = new AbortController();
    await Promise.race([this.exited, sleep(timers, ANSWER_LIMIT_MS, waited.signal)]);
    waited.abort();
    this.#child.kill('SIGKILL');
    await this.exited;
  }

  #tell(order: Order): void {
    this.#child.stdin?.write(`${JSON.stringify(order)}\n`);
  }

  #failure(what: string): LinkProxyFailed {
    const { logPath } = this.#options;
    return new LinkProxyFailed(`the proxy of ${this.node} ${what}. ${endOf(logPath)}`, {
      context: { node: this.node, log: logPath },
    });
  }
}

function endOf(logPath: string): string {
  try {
    const text = readFileSync(logPath, 'utf8').trim();
    if (text === '') return `It printed nothing; its log is ${logPath}.`;
    return `The end of its log (${logPath}):\n${text.slice(-LOG_END_CHARACTERS)}`;
  } catch (error) {
    return `Its log cannot be read: ${messageOf(error)}.`;
  }
}
