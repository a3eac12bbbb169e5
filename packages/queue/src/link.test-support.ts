import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { invariant } from '@understudy/runtime';

/** Stands between a node and its Redis. */
export interface Link {
  readonly url: string;
  /** Keeps back what either side sends, and closes nothing: a pause, or a partition. */
  freeze(): void;
  /** Passes on what was kept back, and everything after. */
  thaw(): void;
  /** Swallows what the server answers, for good; requests pass. */
  loseReplies(): void;
  /** Closes every connection; new ones work. */
  cut(): void;
  /** Closes every connection and takes no new ones: the process is gone. */
  close(): void;
}

/** Opens a link to `port` of the loopback interface. */
export async function openLink(port: number): Promise<Link> {
  const pairs = new Set<Pair>();
  let frozen = false;
  const server = createServer((client) => {
    const pair = new Pair(client, connectSocket(port, '127.0.0.1'), () => pairs.delete(pair));
    pairs.add(pair);
    if (frozen) pair.freeze();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  invariant(typeof address === 'object' && address, 'a listening server has an address');
  const each = (act: (pair: Pair) => void): void => [...pairs].forEach(act);
  return {
    url: `redis://127.0.0.1:${address.port}`,
    freeze() {
      frozen = true;
      each((pair) => pair.freeze());
    },
    thaw() {
      frozen = false;
      each((pair) => pair.thaw());
    },
    loseReplies: () => each((pair) => pair.loseReplies()),
    cut: () => each((pair) => pair.destroy()),
    close() {
      server.close();
      each((pair) => pair.destroy());
    },
  };
}

/** One connection of a node and the one to the server behind it. */
class Pair {
  readonly #client: Socket;
  readonly #upstream: Socket;
  #losing = false;

  constructor(client: Socket, upstream: Socket, onClose: () => void) {
    this.#client = client;
    this.#upstream = upstream;
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.destroy();
        onClose();
      });
    }
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => {
      if (!this.#losing) client.write(bytes);
    });
  }

  freeze(): void {
    this.#client.pause();
    this.#upstream.pause();
  }

  thaw(): void {
    this.#client.resume();
    this.#upstream.resume();
  }

  loseReplies(): void {
    this.#losing = true;
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }
}
