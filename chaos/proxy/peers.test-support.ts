import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Clock, systemClock, systemTimers, type Timers } from '@understudy/runtime';
import { FaultProxy } from './fault-proxy.ts';
import type { Tally } from './trouble.ts';

/** One end of a connection, with everything it has received. */
export class Peer {
  readonly socket: Socket;
  received = '';
  /** Whether the other side has ended the connection in order. */
  ended = false;
  /** The code of the error that closed it, `''` for none; undefined while it is open. */
  closed: string | undefined;
  readonly #watchers = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    let code = '';
    socket.on('data', (bytes: Buffer) => this.#note(() => (this.received += bytes.toString())));
    socket.on('end', () => this.#note(() => (this.ended = true)));
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code ?? 'unknown'));
    socket.on('close', () => this.#note(() => (this.closed = code)));
  }

  /** Resolves when `condition` holds. */
  until(condition: (peer: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition(this)) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Resolves when exactly so much was received. */
  async hears(text: string): Promise<void> {
    await this.until(({ received }) => received.length >= text.length);
    if (this.received !== text) throw new TypeError(`heard ${this.received}, not ${text}`);
  }

  #note(change: () => void): void {
    change();
    for (const look of [...this.#watchers]) look();
  }
}

/** A proxy in this process before servers that say nothing by themselves. */
export interface Scene extends AsyncDisposable {
  readonly proxy: FaultProxy;
  /** Connects to a server through the proxy. */
  connect(server?: string): Promise<Peer>;
  /** The server's end of the n-th connection (from 0) that reached it. */
  accepted(n: number, server?: string): Promise<Peer>;
  /** Resolves when some connection has brought the server just this. */
  heard(text: string, server?: string): Promise<void>;
  /** How many connections have reached the server. */
  reached(server?: string): number;
  /** What was watched for and came, in this order. */
  readonly passed: readonly string[];
  /** Resolves with what a trouble affected first. */
  landed(id: string): Promise<Tally>;
}

/** Sets a proxy before a server for each name. */
export async function setScene(
  names: readonly string[] = ['data'],
  time: { clock: Clock; timers: Timers } = { clock: systemClock, timers: systemTimers },
): Promise<Scene> {
  const peers = new Map<string, Peer[]>(names.map((name) => [name, []]));
  const watchers = new Set<() => void>();
  const passed: string[] = [];
  const tallies = new Map<string, PromiseWithResolvers<Tally>>();
  const tallyOf = (id: string): PromiseWithResolvers<Tally> => {
    const known = tallies.get(id) ?? Promise.withResolvers<Tally>();
    tallies.set(id, known);
    return known;
  };
  const found = (find: () => Peer | undefined): Promise<Peer> =>
    new Promise((resolve) => {
      const look = (): void => {
        const peer = find();
        if (!peer) return;
        watchers.delete(look);
        resolve(peer);
      };
      watchers.add(look);
      look();
    });
  const servers = names.map((name) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      peers.get(name)?.push(new Peer(socket));
      const tell = (): void => [...watchers].forEach((look) => look());
      socket.on('data', tell);
      tell();
    });
    return server.listen(0, '127.0.0.1');
  });
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const proxy = new FaultProxy(
    servers.map((server, i) => ({
      name: names[i] ?? '',
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
    })),
    {
      ...time,
      onLanded: (id, tally) => tallyOf(id).resolve({ ...tally }),
      onPassed: (id) => void passed.push(id),
    },
  );
  const ports = await proxy.listen();
  const clients: Peer[] = [];
  return {
    proxy,
    passed,
    async connect(server = 'data') {
      const port = ports[names.indexOf(server)] ?? 0;
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      const peer = new Peer(socket);
      clients.push(peer);
      // A connection that is reset at once may show as one that failed.
      await once(socket, 'connect').catch(() => undefined);
      return peer;
    },
    accepted: (n, server = 'data') => found(() => peers.get(server)?.[n]),
    async heard(text, server = 'data') {
      await found(() => peers.get(server)?.find(({ received }) => received === text));
    },
    reached: (server = 'data') => peers.get(server)?.length ?? 0,
    landed: (id) => tallyOf(id).promise,
    async [Symbol.asyncDispose]() {
      proxy.close();
      for (const { socket } of [...clients, ...[...peers.values()].flat()]) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
    },
  };
}
