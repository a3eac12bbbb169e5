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
  // It took back jobs that dead incarnations held.
  z.object({
    event: z.literal('recovered'),
    jobs: z.number().int().nonnegative(),
    from: z.array(name),
  }),
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

/**
 * What is wrong with a line that begins as one of the protocol and is none; undefined of every other
 * line.
 */
export function faultOfLine(line: string): string | undefined {
  if (!line.startsWith(PROTOCOL_PREFIX)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line.slice(PROTOCOL_PREFIX.length));
  } catch {
    return 'what follows @understudy is not JSON';
  }
  const parsed = event.safeParse(value);
  if (parsed.success) return undefined;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join('.')}: ${message}`,
  );
  return faults.join('; ');
}

/** A node says that it stands at a failpoint. */
export type FailpointEvent = Extract<ProtocolEvent, { event: 'failpoint' }>;
