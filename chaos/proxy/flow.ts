import type { Socket } from 'node:net';
import type { CancelTimer, Clock, Timers } from '@understudy/runtime';
import type { Injected, Rules } from './rules.ts';

/** What a flow needs besides its sockets. */
export interface FlowOptions {
  rules: Rules;
  clock: Clock;
  timers: Timers;
  /** Called when bytes of this flow were lost to a trouble: the connection has a gap from now on. */
  onGap(droppedBy: Injected): void;
}

/** Bytes that wait, or the end of the connection. */
interface Waiting {
  readonly bytes: Buffer | undefined;
  readonly dueMs: number;
}

/**
 * What waits in one direction of one connection. Beyond it nothing is read: the sender's own
 * buffers fill, as they would on a dead line.
 */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;
/** A throttled piece is cut into slices of so much time, so that bytes trickle and do not gush. */
const SLICE_MS = 10;
const LEAST_SLICE_BYTES = 64;

/**
 * One direction of one connection. While nothing is in force and nothing waits, bytes go from
 * socket to socket with nothing in between. Otherwise they wait in one line, the end of the
 * connection behind them, and leave it in order: what came first is never overtaken.
 */
export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #options: FlowOptions;
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #lastDueMs = 0;
  #lineFreeMs = 0;
  #cancelTimer: CancelTimer | undefined;
  #open = false;
  /** The end has been seen at the source. */
  #ended = false;
  /** Nobody is left to receive. */
  #deaf = false;

  constructor(from: Socket, to: Socket, options: FlowOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    from.on('data', (bytes: Buffer) => this.#take(bytes));
    from.on('end', () => this.#end());
    from.on('close', () => this.#sourceClosed());
    to.on('drain', () => this.#readOrNot());
    to.on('close', () => this.#sinkClosed());
  }

  /** Lets bytes leave; until then everything waits. */
  open(): void {
    this.#open = true;
    this.#release();
  }

  /** The rules have changed: what may go goes. `withheldBy` is a trouble that has just begun. */
  review(withheldBy?: Injected): void {
    if (withheldBy) {
      for (const { bytes } of this.#waiting) this.#noteWithheld([withheldBy], bytes);
    }
    if (this.#options.rules.pacing.length === 0) {
      this.#lastDueMs = 0;
      this.#lineFreeMs = 0;
    }
    this.#release();
  }

  /** Both sockets are about to be destroyed: what they do from now on means nothing. */
  stop(): void {
    this.#ended = true;
    this.#sinkClosed();
  }

  #take(bytes: Buffer): void {
    if (this.#options.rules.calm && this.#waiting.length === 0 && this.#open && !this.#deaf) {
      if (!this.#to.write(bytes)) this.#from.pause();
      return;
    }
    if (!this.#deaf) this.#detain(bytes);
  }

  #detain(bytes: Buffer): void {
    const { rules, onGap } = this.#options;
    const [dropper] = rules.dropping;
    if (dropper) {
      for (const each of rules.dropping) each.bytes(rules.direction, bytes.length);
      onGap(dropper);
      return;
    }
    for (const each of rules.pacing) each.bytes(rules.direction, bytes.length);
    this.#noteWithheld(rules.withholding, bytes);
    const sliceBytes = Math.max(LEAST_SLICE_BYTES, (rules.bytesPerSecond * SLICE_MS) / 1000);
    for (let from = 0; from < bytes.length; from += sliceBytes) {
      this.#queue(bytes.subarray(from, from + sliceBytes));
    }
    this.#release();
    this.#readOrNot();
  }

  #queue(bytes: Buffer | undefined): void {
    const { rules, clock } = this.#options;
    const sizeBytes = bytes?.length ?? 0;
    const arrivedMs = Math.max(clock.monotonicMs(), this.#lineFreeMs);
    this.#lineFreeMs = arrivedMs + (sizeBytes / rules.bytesPerSecond) * 1000;
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#lineFreeMs + rules.drawDelayMs());
    this.#waiting.push({ bytes, dueMs: this.#lastDueMs });
    this.#waitingBytes += sizeBytes;
  }

  #noteWithheld(by: readonly Injected[], bytes: Buffer | undefined): void {
    for (const each of by) {
      if (bytes) each.bytes(this.#options.rules.direction, bytes.length);
      else each.count('closes');
    }
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { rules, onGap } = this.#options;
    const [dropper] = rules.dropping;
    // The end is lost like everything else; the heal severs the connection.
    if (dropper) return onGap(dropper);
    this.#noteWithheld(rules.withholding, undefined);
    this.#queue(undefined);
    this.#release();
  }

  /** A reset overtakes nothing: where bytes wait, the other side gets them first, then an end. */
  #sourceClosed(): void {
    if (this.#ended) return;
    if (this.#options.rules.calm && this.#waiting.length === 0 && this.#open) {
      this.#ended = true;
      if (!this.#deaf) reset(this.#to);
      return;
    }
    this.#end();
  }

  #sinkClosed(): void {
    this.#deaf = true;
    this.#cancelTimer?.();
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
    // Read on into nothing: only so is the end of the source seen.
    this.#from.resume();
  }

  #release(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { rules, clock, timers } = this.#options;
    while (this.#open && rules.withholding.length === 0) {
      const first = this.#waiting[0];
      if (!first) break;
      if (rules.pacing.length > 0) {
        const leftMs = first.dueMs - clock.monotonicMs();
        if (leftMs > 0) {
          this.#cancelTimer = timers.after(leftMs, () => this.#release());
          break;
        }
      }
      this.#waiting.shift();
      this.#waitingBytes -= first.bytes?.length ?? 0;
      if (first.bytes) this.#to.write(first.bytes);
      else this.#to.end();
    }
    this.#readOrNot();
  }

  #readOrNot(): void {
    const full = this.#waitingBytes > MOST_WAITING_BYTES || this.#to.writableNeedDrain;
    if (full && !this.#deaf) this.#from.pause();
    else if (this.#from.isPaused()) this.#from.resume();
  }
}

/** Ends a connection with RST; whatever was not sent is lost. */
export function reset(socket: Socket): void {
  if (socket.connecting || socket.pending) socket.destroy();
  else if (!socket.destroyed) socket.resetAndDestroy();
}
