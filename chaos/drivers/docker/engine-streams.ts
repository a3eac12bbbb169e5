import type { EngineEvent } from './engine.ts';
import { demultiplexed, lineSplitter } from './log-frames.ts';

/** The engine's `since`: seconds since 1970, to the nanosecond as it wrote them itself. */
export function secondsOf(iso: string): string {
  const fraction = /\.(\d{1,9})/.exec(iso)?.[1] ?? '0';
  return `${Math.floor(Date.parse(iso) / 1000)}.${fraction.padEnd(9, '0')}`;
}

/** Reads a container's log line by line, as `Engine.follow` tells it. */
export function readLog(
  log: NodeJS.ReadableStream,
  tty: boolean,
  onLine: (line: string, stream: 'stdout' | 'stderr') => void,
  onEnd: () => void,
): Disposable {
  const split = {
    stdout: lineSplitter((line) => onLine(line, 'stdout')),
    stderr: lineSplitter((line) => onLine(line, 'stderr')),
  };
  const frames = demultiplexed((stream, piece) => split[stream].take(piece));
  return listenTo(
    log,
    (piece) => (tty ? split.stdout.take(piece) : frames.take(piece)),
    () => {
      split.stdout.end();
      split.stderr.end();
      onEnd();
    },
  );
}

/** Reads a stream to its end, or until it is disposed: then nothing more is told. */
export function listenTo(
  stream: NodeJS.ReadableStream,
  onPiece: (piece: Buffer) => void,
  onEnd: () => void,
): Disposable {
  let open = true;
  const end = (): void => {
    if (open) onEnd();
    open = false;
  };
  stream.on('data', (piece: Buffer) => {
    if (open) onPiece(piece);
  });
  for (const name of ['end', 'close', 'error']) stream.on(name, end);
  return {
    [Symbol.dispose]() {
      open = false;
      (stream as NodeJS.ReadableStream & { destroy(): void }).destroy();
    },
  };
}

/** What a line of the engine's events says of a container; undefined for everything else. */
export function eventOf(line: string): EngineEvent | undefined {
  try {
    const { Type, Action, Actor } = JSON.parse(line) as {
      Type?: string;
      Action?: string;
      Actor?: { ID?: string; Attributes?: Record<string, string> };
    };
    const attributes = Actor?.Attributes ?? {};
    const network = Type === 'network';
    const container = network ? attributes.container : Actor?.ID;
    if (container === undefined || Action === undefined) return undefined;
    return { container, action: network ? `network ${Action}` : Action, attributes };
  } catch {
    return undefined;
  }
}
