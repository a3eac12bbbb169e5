import { relative } from 'node:path';
import { z } from 'zod';

/** What `understudy fault` asks of a run that goes on: one line of JSON. */
export const handOrderSchema = z.strictObject({
  fault: z.string(),
  target: z.string(),
  /** As written: durations may be `'2s'` or milliseconds. */
  parameters: z.record(z.string(), z.unknown()),
});

/** What `understudy fault` asks of a run that goes on. */
export type HandOrder = z.infer<typeof handOrderSchema>;

const observation = { seen: z.boolean(), evidence: z.string() };

/** What the run says to that, a line each: it refuses, or it tells first this and then that. */
export const handReplySchema = z.discriminatedUnion('reply', [
  /** `request`: it is wrong in itself. `moment`: there is nobody to hit now. */
  z.strictObject({
    reply: z.literal('refused'),
    because: z.enum(['request', 'moment']),
    message: z.string(),
  }),
  z.strictObject({
    reply: z.literal('landed'),
    ...observation,
    /** What the run's history calls it. */
    id: z.string(),
    name: z.string(),
    role: z.string().optional(),
    afterMs: z.number(),
    lastsMs: z.number(),
  }),
  z.strictObject({ reply: z.literal('healed'), ...observation }),
]);

/** What a run says to a fault by hand. */
export type HandReply = z.infer<typeof handReplySchema>;

/** The paths of UNIX sockets are short: 104 bytes with the zero at their end, on macOS. */
const LONGEST_PATH_BYTES = 103;

/** A path by which a socket can be opened from here; undefined when each is too long. */
export function socketPath(path: string, cwd: string = process.cwd()): string | undefined {
  return [path, relative(cwd, path)].find(
    (candidate) => Buffer.byteLength(candidate) <= LONGEST_PATH_BYTES,
  );
}
