/** What a container without a terminal prints, as the engine frames it. */
export interface Demultiplexer {
  take(piece: Buffer): void;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes the engine's log apart: each frame is a byte for the stream (1 is standard output, 2
 * standard error), three of nothing, four for the length, then so many bytes. Frames may be cut
 * anywhere between two pieces.
 */
export function demultiplexed(
  onPiece: (stream: 'stdout' | 'stderr', piece: Buffer) => void,
): Demultiplexer {
  let rest = Buffer.alloc(0);
  return {
    take(piece) {
      rest = Buffer.concat([rest, piece]);
      while (rest.length >= HEADER_BYTES) {
        const end = HEADER_BYTES + rest.readUInt32BE(4);
        if (rest.length < end) return;
        onPiece(rest[0] === STDERR ? 'stderr' : 'stdout', rest.subarray(HEADER_BYTES, end));
        rest = rest.subarray(end);
      }
    },
  };
}

/** Cuts what comes into lines; `end` tells the last one, which lacks its line feed. */
export function lineSplitter(onLine: (line: string) => void): {
  take(piece: Buffer): void;
  end(): void;
} {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    take(piece) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line.replace(/\r$/, ''));
    },
    end() {
      if (rest !== '') onLine(rest);
      rest = '';
    },
  };
}
