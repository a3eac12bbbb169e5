import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { invariant, messageOf, sleep, type Timers, unreachable } from '@understudy/runtime';
import { LinkProxyFailed } from '../errors.ts';
import { type Order, type Report, reportSchema } from '../proxy/messages.ts';
import type { Tally, Trouble } from '../proxy/trouble.ts';
import { describeExit, type Exit } from './exit.ts';
import type { FaultyLink } from './faulty-link.ts';
import { startTimeOf } from './process-table.ts';
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
}

/** A node's link as its proxy has it in hand, for one fault. */
export interface ProxyLink extends Omit<FaultyLink, 'inject' | 'heal'> {
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

/** How long a proxy may take for what it does at once where nothing is wrong. */
const ANSWER_LIMIT_MS = 10_000;
const LOG_END_CHARACTERS = 1500;
/** By its name in package.json, because it is another file in the repository than in the package. */
const MAIN = createRequire(import.meta.url).resolve('#proxy');
/** As for nodes: nothing runs before its undo entry is on disk. Its input stays, for the orders. */
const GATE = 'read -r go && exec "$@"';

/**
 * Starts the proxy of a node and waits until it listens.
 * @throws {LinkProxyFailed} when it does not, with what it printed
 */
export async function startLinkProxy(options: LinkProxyOptions): Promise<LinkProxy> {
  const log = openSync(options.logPath, 'a');
  const child = spawn('/bin/sh', ['-c', GATE, 'understudy-gate', process.execPath, MAIN], {
    detached: true,
    stdio: ['pipe', 'pipe', log],
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: options.compileCache },
  });
  closeSync(log);
  const proxy = new OsLinkProxy(options, child);
  try {
    await proxy.serve();
    return proxy;
  } catch (error) {
    await proxy[Symbol.asyncDispose]();
    throw error;
  }
}

/** What waits for a report, by trouble. */
type Waiters = Map<string, PromiseWithResolvers<Tally>>;

class OsLinkProxy implements LinkProxy {
  readonly node: string;
  readonly pid: number;
  readonly startTime: string;
  readonly exited: Promise<Exit>;
  readonly #options: LinkProxyOptions;
  readonly #child: ChildProcess;
  readonly #serving = Promise.withResolvers<readonly number[]>();
  readonly #landed: Waiters = new Map();
  readonly #healed: Waiters = new Map();
  #ports: readonly number[] = [];
  #faults = 0;
  #disposed = false;

  constructor(options: LinkProxyOptions, child: ChildProcess) {
    this.#options = options;
    this.#child = child;
    this.node = options.node;
    child.on('error', () => undefined);
    const { pid, stdin, stdout } = child;
    const startTime = pid === undefined ? undefined : startTimeOf(pid);
    if (pid === undefined || startTime === undefined) {
      throw new LinkProxyFailed(
        `the proxy of ${options.node} could not be started: /bin/sh does not run here`,
      );
    }
    invariant(stdin && stdout, 'a proxy has pipes');
    this.pid = pid;
    this.startTime = startTime;
    this.exited = new Promise((resolve) =>
      child.once('exit', (code, signal) => resolve({ code, signal })),
    );
    stdin.on('error', () => undefined);
    createInterface({ input: stdout }).on('line', (line) =>
      this.#hear(reportSchema.parse(JSON.parse(line))),
    );
    void this.exited.then((exit) => {
      if (!this.#disposed) options.onFailure(this.#failure(describeExit(exit)));
    });
    const what = `proxy of ${options.node}`;
    try {
      options.journal.note({ kind: 'process', what, pid, startTime, undo: 'SIGKILL to the group' });
      stdin.write('go\n');
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  async serve(): Promise<void> {
    const servers = this.#options.servers.map(({ name, url }) => {
      const { protocol, hostname, port } = new URL(url);
      invariant(protocol === 'redis:', 'a proxy stands before plain connections only');
      // The brackets of an IPv6 address belong to the URL.
      return { name, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 6379) };
    });
    this.#tell({ order: 'serve', servers });
    this.#ports = await this.#orFailure(this.#serving.promise, ANSWER_LIMIT_MS, () => {
      throw this.#failure(`did not listen within ${ANSWER_LIMIT_MS / 1000} s`);
    });
  }

  urlOf(server: string): string {
    const index = this.#options.servers.findIndex(({ name }) => name === server);
    const url = new URL(this.#options.servers[index]?.url ?? '');
    url.hostname = '127.0.0.1';
    url.port = String(this.#ports[index]);
    return url.href;
  }

  link(): ProxyLink {
    this.#faults += 1;
    const id = String(this.#faults);
    return {
      pid: this.pid,
      startTime: this.startTime,
      seed: `${this.#options.seed}/${this.node}/${id}`,
      servers: this.#options.servers.map(({ name }) => name),
      inject: (trouble, limitMs) => {
        const landed = Promise.withResolvers<Tally>();
        this.#landed.set(id, landed);
        this.#tell({ order: 'inject', id, trouble });
        return this.#orFailure<Tally | undefined>(landed.promise, limitMs, () => undefined);
      },
      heal: () => {
        const healed = Promise.withResolvers<Tally>();
        this.#healed.set(id, healed);
        this.#tell({ order: 'heal', id });
        return this.#orFailure(healed.promise, ANSWER_LIMIT_MS, () => {
          throw this.#failure(`did not answer within ${ANSWER_LIMIT_MS / 1000} s`);
        });
      },
    };
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

  #hear(report: Report): void {
    switch (report.report) {
      case 'serving':
        return this.#serving.resolve(report.ports);
      case 'landed':
        return this.#landed.get(report.id)?.resolve(report.tally);
      case 'healed':
        return this.#healed.get(report.id)?.resolve(report.tally);
      default:
        return unreachable(report);
    }
  }

  /** What was promised, or what `late` makes of its absence after `limitMs`. */
  async #orFailure<T>(promised: Promise<T>, limitMs: number, late: () => T): Promise<T> {
    const waited = new AbortController();
    const tooLate = Symbol();
    const outcome = await Promise.race([
      promised,
      this.exited.then((exit) => {
        throw this.#failure(describeExit(exit));
      }),
      sleep(this.#options.timers, limitMs, waited.signal).then((): typeof tooLate => tooLate),
    ]).finally(() => waited.abort());
    return outcome === tooLate ? late() : outcome;
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
