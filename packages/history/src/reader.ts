import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '@understudy/runtime';
import type { z } from 'zod';
import { HistoryMalformed, HistoryUnreadable } from './errors.ts';
import { type HistoryHeader, headerSchema } from './header.ts';
import { LineForms } from './line-forms.ts';
import { type Operation, operationSchema } from './operation.ts';
import { quickCheck } from './quick-check.ts';

/** A history that is being read. It is read once, from the first operation to the last. */
export interface HistoryReader extends AsyncDisposable {
  readonly header: HistoryHeader;
  /**
   * The operations in batches of some thousand, which is faster than one by one. Ends at the end of
   * the file, or at a torn last line. Rejects with HistoryMalformed or HistoryUnreadable. The file
   * is closed when the iteration ends, however it ends.
   */
  readonly batches: AsyncIterable<readonly Operation[]>;
  /** The same operations one by one. */
  readonly operations: AsyncIterable<Operation>;
  /** Whether the last line was torn off. Known when the iteration has ended. */
  readonly torn: boolean;
}

/** Texts of more are made apart from the others, at a price in time and memory. */
const CHUNK_BYTES = 64 * 1024;
/** No operation is longer: a file without line feeds is no history, and must not fill the memory. */
const LINE_LIMIT_BYTES = 64 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * Opens a history and reads its header. Throws HistoryUnreadable when there is no such file, and
 * HistoryMalformed when its first line is not a header. Memory does not grow with the file.
 */
export async function readHistory(path: string): Promise<HistoryReader> {
  const handle = await open(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const reading = new Reading(path, handle);
  try {
    const header = await reading.readHeader();
    return {
      header,
      batches: reading.batches(),
      operations: oneByOne(reading.batches()),
      get torn() {
        return reading.torn;
      },
      [Symbol.asyncDispose]: () => reading.close(),
    };
  } catch (error) {
    await reading.close();
    throw error;
  }
}

async function* oneByOne(batches: AsyncIterable<readonly Operation[]>): AsyncGenerator<Operation> {
  for await (const batch of batches) yield* batch;
}

const quickChecks = new Map<unknown, (value: object) => boolean>(
  operationSchema.options.map((schema) => [schema.shape.op.value, quickCheck(schema)]),
);

/** True of nearly all operations; of those it is not true of, the schema knows. */
function isCertainlyOperation(value: unknown): value is Operation {
  if (typeof value !== 'object' || value === null || !('op' in value)) return false;
  return quickChecks.get(value.op)?.(value) ?? false;
}

/** One pass over a file: whole lines out of chunks, operations out of lines. */
class Reading {
  torn = false;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #forms = new LineForms();
  #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  /** How much of the buffer is the beginning of a line whose end was not read yet. */
  #carriedBytes = 0;
  #ended = false;
  /** The read that was begun while what came before it is looked at. */
  #ahead: Promise<number> | undefined;
  #closed: Promise<void> | undefined;
  #line = 0;
  #seq = 0;
  #at = 0;
  #firstLines: string[] = [];

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    // A read that still runs would read from whatever is opened under the same number next.
    await this.#ahead?.catch(() => {});
    await this.#handle.close();
  }

  async readHeader(): Promise<HistoryHeader> {
    const lines = (await this.#nextLines()) ?? [];
    const text = lines[0] ?? '';
    this.#line = 1;
    this.#firstLines = lines.slice(1);
    if (text === '') throw this.#malformed('expected the header of a history, found nothing');
    const parsed = headerSchema.safeParse(this.#json(text, 'the header of a history'));
    if (!parsed.success) throw this.#malformed(`not a header of a history: ${told(parsed.error)}`);
    return parsed.data;
  }

  async *batches(): AsyncGenerator<readonly Operation[]> {
    try {
      let lines: string[] | undefined = this.#firstLines;
      this.#firstLines = [];
      while (lines && !this.torn) {
        const batch = this.#operations(lines);
        if (batch.length > 0) yield batch;
        lines = await this.#nextLines();
      }
    } finally {
      await this.close();
    }
  }

  #operations(lines: readonly string[]): Operation[] {
    // What follows the last line feed is a whole line, or one that was torn while it was written.
    const last = lines.at(-1);
    this.torn = this.#ended && last !== undefined && !isJson(last);
    const whole = this.torn ? lines.slice(0, -1) : lines;
    const batch: Operation[] = [];
    for (const text of whole) {
      this.#line += 1;
      batch.push(this.#operation(text));
    }
    return batch;
  }

  #operation(text: string): Operation {
    const operation = this.#forms.read(text) ?? this.#parsed(text);
    this.#seq += 1;
    if (operation.seq !== this.#seq) {
      throw this.#malformed(
        `expected seq ${this.#seq}, found ${operation.seq}: lines are missing or out of order`,
      );
    }
    if (operation.at < this.#at) {
      throw this.#malformed(
        `expected at to be ${this.#at} or later, found ${operation.at}: time never goes back`,
      );
    }
    this.#at = operation.at;
    return operation;
  }

  #parsed(text: string): Operation {
    const operation = this.#validated(this.#json(text, 'an operation'));
    this.#forms.learn(text, operation);
    return operation;
  }

  #validated(value: unknown): Operation {
    if (isCertainlyOperation(value)) return value;
    const parsed = operationSchema.safeParse(value);
    if (!parsed.success) throw this.#malformed(`not an operation: ${told(parsed.error)}`);
    return parsed.data;
  }

  #json(text: string, expected: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#malformed(`expected ${expected} as JSON: ${messageOf(error)}`, error);
    }
  }

  /** The next whole lines; at the end of the file what follows the last line feed, if anything. */
  async #nextLines(): Promise<string[] | undefined> {
    while (!this.#ended) {
      const lines = await this.#readChunk();
      if (lines) return lines;
    }
    return undefined;
  }

  async #readChunk(): Promise<string[] | undefined> {
    if (this.#carriedBytes === this.#buffer.length) {
      if (this.#carriedBytes >= LINE_LIMIT_BYTES) {
        this.#line += 1;
        throw this.#malformed('expected lines of less than 64 MiB');
      }
      this.#buffer = Buffer.concat([this.#buffer], this.#buffer.length * 2);
    }
    const bytesRead = await this.#read();
    const filled = this.#carriedBytes + bytesRead;
    if (bytesRead === 0) {
      this.#ended = true;
      return filled === 0 ? undefined : [this.#buffer.toString('utf8', 0, filled)];
    }
    const lastFeed = this.#buffer.subarray(this.#carriedBytes, filled).lastIndexOf(LINE_FEED);
    if (lastFeed === -1) {
      this.#carriedBytes = filled;
      return undefined;
    }
    const end = this.#carriedBytes + lastFeed;
    const text = this.#buffer.toString('utf8', 0, end);
    this.#buffer.copy(this.#buffer, 0, end + 1, filled);
    this.#carriedBytes = filled - end - 1;
    this.#ahead = this.#readAhead();
    // Whether it failed is asked when it is needed, if ever.
    this.#ahead.catch(() => {});
    return text.split('\n');
  }

  /** How much was read into the room that the buffer has. */
  async #read(): Promise<number> {
    this.#ahead ??= this.#readAhead();
    try {
      return await this.#ahead;
    } catch (error) {
      throw unreadable(this.#path, error);
    } finally {
      this.#ahead = undefined;
    }
  }

  async #readAhead(): Promise<number> {
    const room = this.#buffer.length - this.#carriedBytes;
    const { bytesRead } = await this.#handle.read(this.#buffer, this.#carriedBytes, room);
    return bytesRead;
  }

  #malformed(expected: string, cause?: unknown): HistoryMalformed {
    return new HistoryMalformed(this.#path, this.#line, expected, { cause });
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function unreadable(path: string, cause: unknown): HistoryUnreadable {
  const message = `the history ${path} cannot be read: ${messageOf(cause)}`;
  return new HistoryUnreadable(message, { cause, context: { path } });
}

/** What is wrong, field by field: `effect.position: expected number, received string`. */
function told(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.map(String).join('.') || 'line'}: ${issue.message}`)
    .join('; ');
}
