import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { messageOf } from '@understudy/runtime';
import { FaultNotPossible, InvalidSchedule } from '../errors.ts';
import { listenPrivately } from '../proxy/private-socket.ts';
import type { HandRequest } from '../schedule/hand-request.ts';
import type { Nemesis } from '../schedule/nemesis.ts';
import { type HandOrder, handOrderSchema, type HandReply, socketPath } from './hand-messages.ts';

/** What it takes for a run to take faults by hand. */
export interface HandSocketOptions {
  /** Where the socket is made, in the run directory. */
  readonly path: string;
  /** Checks what is asked for as a step of the run's plan. @throws {InvalidSchedule} */
  readonly plan: (order: HandOrder) => HandRequest['step'];
}

const NOT_YET = 'the run is still starting its fleet: ask again when jobs flow';

/**
 * Where a run that goes on takes faults by hand: a socket that only this user can open. The run's own
 * nemesis injects them, so that history, journal and judge know of each.
 */
export class HandSocket implements AsyncDisposable {
  readonly #options: HandSocketOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #nemesis: Pick<Nemesis, 'byHand'> | undefined;

  private constructor(options: HandSocketOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#receive(socket));
  }

  /**
   * Begins to listen. A run can do without: where no socket can be made there is none, and whoever
   * looks for it is told that.
   */
  static async open(options: HandSocketOptions): Promise<HandSocket> {
    const hand = new HandSocket(options);
    const path = socketPath(options.path);
    if (path !== undefined) await listenPrivately(hand.#server, path).catch(() => undefined);
    return hand;
  }

  /** From now on faults can be injected. */
  serve(nemesis: Pick<Nemesis, 'byHand'>): void {
    this.#nemesis = nemesis;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #receive(socket: Socket): void {
    this.#sockets.add(socket);
    const gone = new AbortController();
    // What went wrong shows in the close that follows.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      gone.abort();
    });
    const tell = (reply: HandReply): void => {
      if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
    };
    const lines = createInterface({ input: socket });
    // The interface passes the socket's errors on.
    lines.on('error', () => undefined);
    // Whoever ends their side wants the fault taken back, and still hears how that went.
    lines.once('close', () => gone.abort());
    lines.once('line', (line) => {
      void this.#answer(line, gone.signal, tell).finally(() => socket.end());
    });
  }

  async #answer(
    line: string,
    signal: AbortSignal,
    tell: (reply: HandReply) => void,
  ): Promise<void> {
    try {
      const step = this.#options.plan(handOrderSchema.parse(JSON.parse(line)));
      if (!this.#nemesis) throw new FaultNotPossible(NOT_YET);
      await this.#nemesis.byHand({
        ...{ step, signal },
        onLanded: (landing) => tell({ reply: 'landed', ...landing }),
        onHealed: (healed) => tell({ reply: 'healed', ...healed }),
      });
    } catch (error) {
      const because = error instanceof InvalidSchedule ? 'request' : 'moment';
      tell({ reply: 'refused', because, message: messageOf(error) });
    }
  }
}
