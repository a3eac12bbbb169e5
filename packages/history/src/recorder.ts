import { closeSync, openSync, writeSync, write } from 'node:fs';
import {
  type CancelTimer,
  type Clock,
  invariant,
  messageOf,
  systemClock,
  systemTimers,
  type Timers,
} from '@understudy/runtime';
import { HistoryUnwritable } from './errors.ts';
import type { HistoryHeader } from './header.ts';
import type { Operation, OperationBody } from './operation.ts';

/** What a recorder needs. */
export interface RecorderOptions {
  /** The file to create. One that is there already is never written over. */
  path: string;
  /** The first line. */
  header: HistoryHeader;
  clock?: Clock;
  timers?: Timers;
  /** An operation is in the file at most this long after it was recorded. Default 20 ms. */
  flushMs?: number;
}

/** Writes a history as it happens. */
export interface Recorder extends AsyncDisposable {
  /**
   * Stamps `body` with the next `seq` and the time since the recorder was made, queues the line and
   * tells every listener. Throws HistoryUnwritable once a write has failed.
   */
  record(body: OperationBody): Operation;
  /** Calls `listener` with every operation from now on, in order, before `record` returns. */
  onOperation(listener: (operation: Operation) => void): () => void;
  /** Milliseconds since the recorder was made: the `at` an operation recorded now would get. */
  elapsedMs(): number;
  /** Resolves when everything recorded so far is in the file. Rejects with HistoryUnwritable. */
  flush(): Promise<void>;
  /** Flushes and closes the file. Nothing may be recorded afterwards. Idempotent. */
  close(): Promise<void>;
}

const FLUSH_MS = 20;
const FLUSH_CHARACTERS = 64 * 1024;

/**
 * Opens a new history and writes its header before it returns. Lines are gathered for `flushMs` and
 * written whole and in order, so that a recorder that dies leaves a file that is readable up to its
 * last line. Throws HistoryUnwritable when the file cannot be made.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { path, header, clock = systemClock, timers = systemTimers } = options;
  const file = new LineFile(path, timers, options.flushMs ?? FLUSH_MS);
  file.writeNow(JSON.stringify(header));
  const startMs = clock.monotonicMs();
  const listeners = new Set<(operation: Operation) => void>();
  let seq = 0;
  const elapsedMs = (): number => Math.round((clock.monotonicMs() - startMs) * 1000) / 1000;
  return {
    record(body) {
      seq += 1;
      const stamp = { seq, at: elapsedMs() };
      // First, as people read them first; and last, as a body may bring a stamp of its own.
      const operation: Operation = { ...stamp, ...body, ...stamp };
      file.append(JSON.stringify(operation));
      for (const listener of listeners) listener(operation);
      return operation;
    },
    onOperation(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    elapsedMs,
    flush: () => file.flush(),
    close: () => file.close(),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

/** A file of lines: appended to in memory, written in order, one write at a time. */
class LineFile {
  readonly #path: string;
  readonly #timers: Timers;
  readonly #flushMs: number;
  readonly #descriptor: number;
  #lines: string[] = [];
  #characters = 0;
  #cancelFlush: CancelTimer | undefined;
  #writing: Promise<void> | undefined;
  #closed: Promise<void> | undefined;
  #failure: HistoryUnwritable | undefined;

  constructor(path: string, timers: Timers, flushMs: number) {
    this.#path = path;
    this.#timers = timers;
    this.#flushMs = flushMs;
    try {
      this.#descriptor = openSync(path, 'wx');
    } catch (error) {
      throw this.#unwritable(error);
    }
  }

  writeNow(line: string): void {
    try {
      writeSync(this.#descriptor, `${line}\n`);
    } catch (error) {
      closeSync(this.#descriptor);
      throw this.#unwritable(error);
    }
  }

  append(line: string): void {
    invariant(!this.#closed, 'nothing is recorded after a history was closed');
    if (this.#failure) throw this.#failure;
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters >= FLUSH_CHARACTERS) this.#start();
    else this.#cancelFlush ??= this.#timers.after(this.#flushMs, () => this.#start());
  }

  async flush(): Promise<void> {
    while (!this.#failure && (this.#writing || this.#lines.length > 0)) {
      this.#start();
      await this.#writing;
    }
    if (this.#failure) throw this.#failure;
  }

  close(): Promise<void> {
    this.#closed ??= this.flush().finally(() => {
      this.#cancelFlush?.();
      closeSync(this.#descriptor);
    });
    return this.#closed;
  }

  #start(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (this.#lines.length > 0) this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        const text = `${this.#lines.join('\n')}\n`;
        this.#lines = [];
        this.#characters = 0;
        await writeFully(this.#descriptor, Buffer.from(text));
      }
    } catch (error) {
      this.#failure = this.#unwritable(error);
    } finally {
      this.#writing = undefined;
    }
  }

  #unwritable(cause: unknown): HistoryUnwritable {
    const message =
      `the history ${this.#path} cannot be written (${messageOf(cause)}): ` +
      'look at the directory, its permissions and the free space';
    return new HistoryUnwritable(message, { cause, context: { path: this.#path } });
  }
}

/** A write may take less than it was given; only an error ends it early. */
async function writeFully(descriptor: number, bytes: Buffer): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await new Promise<number>((resolve, reject) => {
      write(descriptor, bytes, written, (error, count) => (error ? reject(error) : resolve(count)));
    });
  }
}
