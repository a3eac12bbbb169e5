import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Clock, invariant, type NewId, sleep, type Timers } from '@understudy/runtime';
import { z } from 'zod';

/** What a node's process can be asked to do; see preload.cjs. */
export type InsideCommand =
  | { readonly do: 'ping' }
  | { readonly do: 'clock'; readonly inMs: number }
  | { readonly do: 'stall'; readonly forMs: number; readonly spin: boolean }
  | { readonly do: 'skew'; readonly byMs: number; readonly everyMs: number }
  | { readonly do: 'unskew' }
  | {
      readonly do: 'arm';
      readonly name: string;
      readonly passing: number;
      readonly job: string | undefined;
    }
  | { readonly do: 'disarm' };

const answerForm = z.object({
  id: z.number(),
  wallMs: z.number().optional(),
  passed: z.number().optional(),
});

/** What a process answered. */
export interface InsideAnswer {
  /** How long the answer took, in ms. */
  readonly afterMs: number;
  /** How far its time of day is ahead of the lab's when the answer comes; where it was asked for. */
  readonly aheadMs?: number;
  /** How often the failpoint was passed since it was armed; the answer to `disarm`. */
  readonly passed?: number;
}

const helloForm = z.object({
  hello: z.string(),
  incarnation: z.string(),
  pid: z.number().int().positive(),
});

/** A Node.js process of a node, as the lab reaches it from within. */
export interface InsideProcess {
  readonly pid: number;
  /** Asks; undefined when there is no answer within `limitMs`, or the process is gone. */
  ask(command: InsideCommand, limitMs: number): Promise<InsideAnswer | undefined>;
}

interface LabTime {
  readonly clock: Clock;
  readonly timers: Timers;
}

const PRELOAD = fileURLToPath(new URL('./preload.cjs', import.meta.url));
const HOST = '127.0.0.1';

/**
 * Where the processes of the nodes report to the lab, on loopback, with a token that only they have.
 * A node may consist of several (npm, a shell, the worker): all of them count as the node, as they
 * do for signals.
 */
export class InsideChannel implements AsyncDisposable {
  readonly #server: Server;
  readonly #token: string;
  readonly #time: LabTime;
  readonly #sockets = new Set<Socket>();
  readonly #processes = new Map<string, Set<InsideProcess>>();
  /** Who waits for the first process of an incarnation. */
  readonly #listeners = new Map<string, Set<() => void>>();

  private constructor(server: Server, token: string, time: LabTime) {
    this.#server = server;
    this.#token = token;
    this.#time = time;
    server.on('connection', (socket) => this.#receive(socket));
  }

  /** Listens on a free port. */
  static async open(options: LabTime & { readonly newId: NewId }): Promise<InsideChannel> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, HOST, resolve);
    });
    return new InsideChannel(server, options.newId(), options);
  }

  /** What the environment of a node needs, so that its Node.js processes report. */
  environment(nodeOptions: string | undefined): Record<string, string> {
    const address = this.#server.address();
    invariant(address !== null && typeof address === 'object', 'it listens on a port');
    const preload = `--require ${JSON.stringify(PRELOAD)}`;
    return {
      NODE_OPTIONS: nodeOptions ? `${nodeOptions} ${preload}` : preload,
      UNDERSTUDY_INSIDE: `${address.port}:${this.#token}`,
    };
  }

  /** The processes of an incarnation that have reported and still live. */
  processesOf(incarnation: string): readonly InsideProcess[] {
    return [...(this.#processes.get(incarnation) ?? [])];
  }

  /**
   * The same, as soon as there is one, and none after `limitMs`. A process that has just been started
   * may say on its standard output that it is ready before it has reported here.
   */
  async processesWithin(incarnation: string, limitMs: number): Promise<readonly InsideProcess[]> {
    const over = new AbortController();
    const listeners = this.#listenersOf(incarnation);
    const heard = (): void => over.abort();
    listeners.add(heard);
    if (this.processesOf(incarnation).length === 0) {
      await sleep(this.#time.timers, limitMs, over.signal);
    }
    listeners.delete(heard);
    return this.processesOf(incarnation);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #receive(socket: Socket): void {
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    const lines = createInterface({ input: socket });
    // A node that is killed may reset its connection; the interface passes that on.
    lines.on('error', () => undefined);
    let process: Peer | undefined;
    let incarnation = '';
    lines.on('line', (line) => {
      const message = parsed(line);
      if (process) return process.hear(message);
      const hello = helloForm.safeParse(message);
      if (!hello.success || hello.data.hello !== this.#token) return socket.destroy();
      incarnation = hello.data.incarnation;
      process = new Peer(hello.data.pid, socket, this.#time);
      this.#of(incarnation).add(process);
      for (const heard of this.#listenersOf(incarnation)) heard();
      return undefined;
    });
    socket.once('close', () => {
      this.#sockets.delete(socket);
      lines.close();
      if (process) this.#of(incarnation).delete(process);
      process?.gone();
    });
  }

  #of(incarnation: string): Set<InsideProcess> {
    return setOf(this.#processes, incarnation);
  }

  #listenersOf(incarnation: string): Set<() => void> {
    return setOf(this.#listeners, incarnation);
  }
}

/** One connected process. */
class Peer implements InsideProcess {
  readonly pid: number;
  readonly #socket: Socket;
  readonly #time: LabTime;
  readonly #waiting = new Map<number, (answer: z.infer<typeof answerForm> | undefined) => void>();
  #asked = 0;

  constructor(pid: number, socket: Socket, time: LabTime) {
    this.pid = pid;
    this.#socket = socket;
    this.#time = time;
  }

  async ask(command: InsideCommand, limitMs: number): Promise<InsideAnswer | undefined> {
    if (this.#socket.destroyed) return undefined;
    this.#asked += 1;
    const id = this.#asked;
    const { clock, timers } = this.#time;
    const over = new AbortController();
    const askedMs = clock.monotonicMs();
    const answered = new Promise<InsideAnswer | undefined>((resolve) =>
      this.#waiting.set(id, (answer) => {
        if (!answer) return resolve(undefined);
        const { wallMs, passed } = answer;
        const afterMs = clock.monotonicMs() - askedMs;
        return resolve({
          afterMs,
          ...(wallMs === undefined ? {} : { aheadMs: wallMs - clock.wallMs() }),
          ...(passed === undefined ? {} : { passed }),
        });
      }),
    );
    this.#socket.write(`${JSON.stringify({ id, ...command })}\n`);
    const late = sleep(timers, limitMs, over.signal).then(() => undefined);
    const answer = await Promise.race([answered, late]);
    over.abort();
    this.#waiting.delete(id);
    return answer;
  }

  hear(message: unknown): void {
    const answer = answerForm.safeParse(message);
    if (answer.success) this.#waiting.get(answer.data.id)?.(answer.data);
  }

  gone(): void {
    for (const resolve of this.#waiting.values()) resolve(undefined);
  }
}

function setOf<T>(sets: Map<string, Set<T>>, key: string): Set<T> {
  let set = sets.get(key);
  if (!set) sets.set(key, (set = new Set()));
  return set;
}

/** What a process says is data: a broken line is no answer. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
