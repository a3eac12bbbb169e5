import { z } from 'zod';

/** What a node prints before the JSON of an event. */
const PROTOCOL_PREFIX = '@understudy ';

const name = z.string().min(1).max(200);
const epoch = z.number().int().nonnegative();

const event = z.discriminatedUnion('event', [
  // Who is started by somebody else than the lab says itself which start of it this is.
  z.object({ event: z.literal('ready'), incarnation: name.optional() }),
  z.object({
    event: z.literal('state'),
    state: z.enum(['starting', 'passive', 'active', 'draining', 'stopped']),
    epoch: epoch.optional(),
    term: name.optional(),
    incarnation: name.optional(),
  }),
  z.object({ event: z.literal('attempt'), job: name, n: z.number().int().positive() }),
  z.object({ event: z.literal('parked'), job: name, reason: z.string() }),
  z.object({ event: z.literal('ledger_regressed') }),
  // It stands at a failpoint, on its n-th passing since it was armed, and waits for its end.
  z.object({
    event: z.literal('failpoint'),
    name,
    n: z.number().int().positive(),
    job: name.optional(),
  }),
]);

/** What a node says of itself, in any language: one line of JSON on standard output. */
export type ProtocolEvent = z.infer<typeof event>;

/**
 * The event of a line; undefined for every other line, also for events that this lab does not
 * know and for broken ones: what a node prints is data, and none of it may end a run.
 */
export function parseProtocolLine(line: string): ProtocolEvent | undefined {
  if (!line.startsWith(PROTOCOL_PREFIX)) return undefined;
  try {
    const parsed = event.safeParse(JSON.parse(line.slice(PROTOCOL_PREFIX.length)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** A node says that it stands at a failpoint. */
export type FailpointEvent = Extract<ProtocolEvent, { event: 'failpoint' }>;
