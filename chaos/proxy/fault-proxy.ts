import { createServer, type Server as Listener, type Socket } from 'node:net';
import { type Clock, invariant, type Timers } from '@understudy/runtime';
import { Connection } from './connection.ts';
import type { Server } from './messages.ts';
import { Injected, Rules } from './rules.ts';
import type { Direction, Tally, Trouble } from './trouble.ts';

/** What a proxy needs. */
export interface FaultProxyOptions {
  clock: Clock;
  timers: Timers;
  /** Called when a trouble affects something for the first time. */
  onLanded(id: string, tally: Tally): void;
  /** Called when the node sends its first bytes on a connection made since `watch(id)`. */
  onPassed?(id: string): void;
}

/** One server behind the proxy, and the connections to it. */
interface Way {
  readonly server: Server;
  readonly listener: Listener;
  readonly toRedis: Rules;
  readonly fromRedis: Rules;
  readonly connections: Set<Connection>;
}

/**
 * A node whose machine has gone says nothing more, and Redis would keep its subscriptions as long as
 * this side of them lives: keep-alive finds out.
 */
const SOCKETS = {
  allowHalfOpen: true,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
} as const;

/** Where a proxy listens. */
export interface Listening {
  readonly host: string;
  /** One a server, in their order. Default: free ones. */
  readonly ports?: readonly number[];
}

/**
 * Stands between one node and its Redis servers: one port for each, of the loopback interface unless
 * told otherwise. What it does to the bytes is told by the troubles in force; none are at first.
 */
export class FaultProxy {
  readonly #options: FaultProxyOptions;
  readonly #ways: readonly Way[];
  readonly #injected = new Map<string, Injected>();
  /** What is watched for and has not come yet. */
  readonly #watches = new Set<string>();

  constructor(servers: readonly Server[], options: FaultProxyOptions) {
    this.#options = options;
    this.#ways = servers.map((server): Way => {
      const listener = createServer(SOCKETS, (socket) => this.#accept(way, socket));
      const way = {
        server,
        listener,
        toRedis: new Rules('to-redis'),
        fromRedis: new Rules('from-redis'),
        connections: new Set<Connection>(),
      };
      return way;
    });
  }

  /** Begins to listen; resolves with the ports, in the order of the servers. */
  listen({ host, ports }: Listening = { host: '127.0.0.1' }): Promise<readonly number[]> {
    const listening = this.#ways.map(
      ({ listener }, index) =>
        new Promise<number>((resolve, reject) => {
          listener.once('error', reject);
          listener.listen(ports?.[index] ?? 0, host, () => {
            const address = listener.address();
            invariant(address !== null && typeof address === 'object', 'a TCP server has a port');
            resolve(address.port);
          });
        }),
    );
    return Promise.all(listening);
  }

  /** Tells, once, when the node sends something on a connection that it opens from now on. */
  watch(id: string): void {
    this.#watches.add(id);
  }

  /** Puts a trouble in force. `onLanded` is called with its first effect, perhaps at once. */
  inject(id: string, trouble: Trouble): void {
    invariant(!this.#injected.has(id), 'each trouble has a name of its own');
    const injected = new Injected(trouble, (tally) => this.#options.onLanded(id, tally));
    this.#injected.set(id, injected);
    const ways = this.#waysOf(trouble);
    if (trouble.kind === 'sever') {
      severAll(
        ways.flatMap(({ connections }) => [...connections]),
        injected,
      );
      return;
    }
    this.#renewRules();
    for (const { connections } of ways) {
      for (const connection of connections) connection.review(injected);
    }
  }

  /** Ends a trouble and returns what it affected altogether. */
  heal(id: string): Tally {
    const injected = this.#injected.get(id);
    invariant(injected, 'only what was injected is healed');
    this.#injected.delete(id);
    this.#renewRules();
    for (const { connections } of this.#waysOf(injected.trouble)) {
      severAll(
        [...connections].filter((each) => each.hasGapOf(injected)),
        injected,
      );
      for (const connection of connections) connection.review();
    }
    return injected.tally;
  }

  /** Stops listening and closes every connection. */
  close(): void {
    for (const { listener, connections } of this.#ways) {
      listener.close();
      for (const connection of connections) connection.destroy();
    }
  }

  #accept(way: Way, socket: Socket): void {
    const { clock, timers } = this.#options;
    const { server, toRedis, fromRedis, connections } = way;
    const connection = new Connection(socket, {
      server,
      toRedis,
      fromRedis,
      clock,
      timers,
      onClosed: () => void connections.delete(connection),
    });
    connections.add(connection);
    const since = [...this.#watches];
    // Beside the flow, which reads the same bytes: they count although a trouble keeps them.
    if (since.length > 0) socket.once('data', () => this.#passed(since));
    for (const injected of this.#injected.values()) {
      const { trouble, landed } = injected;
      if (trouble.kind !== 'sever' || landed || !trouble.servers.includes(server.name)) continue;
      severAll([connection], injected);
    }
  }

  #passed(watches: readonly string[]): void {
    for (const id of watches) if (this.#watches.delete(id)) this.#options.onPassed?.(id);
  }

  #waysOf({ servers }: Trouble): readonly Way[] {
    return this.#ways.filter(({ server }) => servers.includes(server.name));
  }

  #renewRules(): void {
    for (const { server, toRedis, fromRedis } of this.#ways) {
      toRedis.set(this.#inForce(server.name, 'to-redis'));
      fromRedis.set(this.#inForce(server.name, 'from-redis'));
    }
  }

  #inForce(server: string, direction: Direction): Injected[] {
    return [...this.#injected.values()].filter(
      ({ trouble }) =>
        trouble.kind !== 'sever' &&
        trouble.servers.includes(server) &&
        trouble.directions.includes(direction),
    );
  }
}

function severAll(connections: readonly Connection[], by: Injected): void {
  for (const connection of connections) connection.sever();
  by.count('severed', connections.length);
}
