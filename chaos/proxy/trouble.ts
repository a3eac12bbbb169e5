import { z } from 'zod';

/** The two ways of a link: requests go `to-redis`, replies come `from-redis`. */
export const DIRECTIONS = ['to-redis', 'from-redis'] as const;

/** One way of a link. */
export type Direction = (typeof DIRECTIONS)[number];

const place = {
  /** Names of the servers whose connections are troubled: `data`, `lock-1`, … */
  servers: z.array(z.string()).min(1),
  directions: z.array(z.enum(DIRECTIONS)).min(1),
};

/**
 * What a proxy can do to the bytes between a node and Redis. Several may be in force at once: what
 * is dropped is dropped; what is not waits until its delays and rates allow and nobody withholds it.
 *
 * - `withhold` keeps bytes, and the end of connections, until it is healed; then they arrive, late
 *   and in order. Nothing is closed. New connections are accepted and lead nowhere before the heal.
 * - `drop` loses bytes. A connection with a gap cannot go on, so that each connection that lost
 *   something is severed when the trouble is healed, and not before.
 * - `delay` lets each piece wait `delayMs` and up to `jitterMs` more, in order.
 * - `throttle` lets so many bytes a second pass, each connection and direction by itself.
 * - `sever` resets every connection there is; if there is none, the next.
 */
export const troubleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('withhold'), ...place }),
  z.strictObject({ kind: z.literal('drop'), ...place }),
  z.strictObject({
    kind: z.literal('delay'),
    ...place,
    delayMs: z.number().min(0),
    jitterMs: z.number().min(0),
    /** Fixes what the jitter draws. */
    seed: z.string(),
  }),
  z.strictObject({ kind: z.literal('throttle'), ...place, bytesPerSecond: z.number().positive() }),
  z.strictObject({ kind: z.literal('sever'), servers: place.servers }),
]);

/** What a proxy can do to the bytes between a node and Redis. */
export type Trouble = z.infer<typeof troubleSchema>;

/** What a trouble has affected so far. */
export const tallySchema = z.strictObject({
  /** Bytes that were withheld, dropped, delayed or throttled. */
  toRedisBytes: z.int().min(0),
  fromRedisBytes: z.int().min(0),
  /** Ends of connections that were kept from the other side. */
  closes: z.int().min(0),
  /** New connections that were accepted and led nowhere. */
  attempts: z.int().min(0),
  /** Connections that were reset. */
  severed: z.int().min(0),
});

/** What a trouble has affected so far. */
export type Tally = z.infer<typeof tallySchema>;
