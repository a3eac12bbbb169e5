import { closeSync, openSync, writeSync } from 'node:fs';
import { parseProtocolLine, type ProtocolEvent } from '../protocol.ts';
import type { ContainerFacts } from './container-facts.ts';
import type { Engine } from './engine.ts';

/** What a node says of its state, with the incarnation that says it. */
export type StateEvent = Extract<ProtocolEvent, { event: 'state' }>;

/** So many lines are read first; the state is seldom far back, and a log may be long. */
const FIRST_LINES = 500;
const MORE = 8;
const MOST_LINES = 50_000_000;

/**
 * What a node last said of its state before now, found from the end of its log backwards; undefined
 * when the log does not hold it (any more).
 */
export async function lastStateIn(
  engine: Engine,
  container: Pick<ContainerFacts, 'id' | 'tty'>,
): Promise<StateEvent | undefined> {
  for (let count = FIRST_LINES; count < MOST_LINES; count *= MORE) {
    const lines = await engine.lastLines(container, count);
    const found = lastState(lines);
    if (found || lines.length < count) return found;
  }
  return undefined;
}

/** The last state that is told in some lines of a log. */
export function lastState(lines: readonly string[]): StateEvent | undefined {
  for (const line of lines.toReversed()) {
    const event = parseProtocolLine(line);
    if (event?.event === 'state') return event;
  }
  return undefined;
}

/**
 * Follows what a container says: its events to `onEvent`, everything else to the file. Resolves when
 * it is being followed; `ended` of what it returns when there is nothing more to come.
 */
export async function followLog(
  engine: Engine,
  container: Pick<ContainerFacts, 'id' | 'tty'>,
  since: string | undefined,
  path: string,
  onEvent: (event: ProtocolEvent) => void,
): Promise<{ readonly ended: Promise<void> } & Disposable> {
  const file = openSync(path, 'a');
  const ended = Promise.withResolvers<void>();
  let open = true;
  const close = (): void => {
    if (open) closeSync(file);
    open = false;
    ended.resolve();
  };
  const onLine = (line: string, stream: 'stdout' | 'stderr'): void => {
    const event = stream === 'stdout' ? parseProtocolLine(line) : undefined;
    if (event) return onEvent(event);
    try {
      if (open) writeSync(file, `${line}\n`);
    } catch {
      // The disk is full: the history cannot be written either, and that ends the run.
    }
  };
  try {
    const stream = await engine.follow(container, since, onLine, close);
    return {
      ended: ended.promise,
      [Symbol.dispose]() {
        stream[Symbol.dispose]();
        close();
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}
