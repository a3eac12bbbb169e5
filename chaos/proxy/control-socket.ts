import { createServer, type Server as Listener, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { messageOf } from '@understudy/runtime';
import type { FaultProxy } from './fault-proxy.ts';
import { Master } from './master.ts';
import type { Report } from './messages.ts';
import { listenPrivately } from './private-socket.ts';
import type { Tally } from './trouble.ts';

/** What a proxy that serves on its own takes orders with. */
export interface ControlOptions {
  /** Where the socket is made; what is there is removed. Only this user can open it. */
  readonly path: string;
  readonly proxy: FaultProxy;
  /** What each master is greeted with. */
  readonly greeting: Extract<Report, { report: 'serving' }>;
  /** Told what is worth a line in the log. */
  say(event: string, details: Readonly<Record<string, string | number>>): void;
}

/**
 * Where a proxy takes orders: a UNIX socket, a line an order. A connection that ends, however it does,
 * takes its troubles along.
 */
export class ControlSocket implements AsyncDisposable {
  readonly #options: ControlOptions;
  readonly #listener: Listener;
  readonly #masters = new Map<string, Master>();
  readonly #sockets = new Set<Socket>();
  #count = 0;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#listener = createServer({ allowHalfOpen: true }, (socket) => this.#receive(socket));
  }

  /** Begins to listen. Rejects with the system's error. */
  listen(): Promise<void> {
    return listenPrivately(this.#listener, this.#options.path);
  }

  /** A trouble has affected something; its master is told. */
  landed(id: string, tally: Tally): void {
    for (const [prefix, master] of this.#masters) {
      if (id.startsWith(prefix)) master.landed(id, tally);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #receive(socket: Socket): void {
    const { proxy, greeting, say } = this.#options;
    const tell = (report: Report): void => {
      if (socket.writable) socket.write(`${JSON.stringify(report)}\n`);
    };
    this.#count += 1;
    const master = new Master(`${this.#count}/`, proxy, tell);
    this.#masters.set(master.prefix, master);
    this.#sockets.add(socket);
    const leave = (): void => {
      if (!this.#masters.delete(master.prefix)) return;
      const healed = master.leave();
      if (healed > 0) say('healed', { faults: healed, reason: 'whoever injected them has gone' });
    };
    // What went wrong shows in the close that follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      leave();
    });
    const orders = createInterface({ input: socket });
    // The interface passes the socket's errors on.
    orders.on('error', () => undefined);
    orders.on('line', (line) => {
      try {
        master.obey(line);
      } catch (error) {
        say('refused', { reason: messageOf(error) });
        socket.destroy();
      }
    });
    orders.on('close', () => {
      leave();
      socket.end();
    });
    tell(greeting);
  }
}
