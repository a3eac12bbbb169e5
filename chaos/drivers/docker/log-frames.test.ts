import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demultiplexed, lineSplitter } from './log-frames.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const body = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

test('lines come whole and from the right stream, wherever the frames are cut', () => {
  const whole = Buffer.concat([
    frame(1, '@understudy {"event":"re'),
    frame(2, 'trouble: ä\n'),
    frame(1, 'ady"}\nlast'),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 5 }), (cuts) => {
      const [out, err]: [string[], string[]] = [[], []];
      const split = {
        stdout: lineSplitter((line) => out.push(line)),
        stderr: lineSplitter((line) => err.push(line)),
      };
      const frames = demultiplexed((stream, piece) => split[stream].take(piece));
      const places = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
      for (const [i, from] of places.slice(0, -1).entries()) {
        frames.take(whole.subarray(from, places[i + 1]));
      }
      split.stdout.end();
      expect(out).toEqual(['@understudy {"event":"ready"}', 'last']);
      expect(err).toEqual(['trouble: ä']);
    }),
  );
});
