import { z } from 'zod';
import { tallySchema, troubleSchema } from './trouble.ts';

/**
 * The lab and a proxy speak in lines of JSON: orders on the proxy's standard input, reports on its
 * standard output. When the input ends, the lab has gone, and so does the proxy.
 */
export const orderSchema = z.discriminatedUnion('order', [
  /** The first: listen, once for each server. */
  z.strictObject({
    order: z.literal('serve'),
    servers: z.array(z.strictObject({ name: z.string(), host: z.string(), port: z.int() })).min(1),
  }),
  /** Say when the node sends something on a connection that it opens from now on. */
  z.strictObject({ order: z.literal('watch'), id: z.string() }),
  z.strictObject({ order: z.literal('inject'), id: z.string(), trouble: troubleSchema }),
  z.strictObject({ order: z.literal('heal'), id: z.string() }),
]);

/** What the lab tells a proxy. */
export type Order = z.infer<typeof orderSchema>;

/** What a proxy tells the lab. */
export const reportSchema = z.discriminatedUnion('report', [
  /** It listens; the ports are in the order of the servers. */
  z.strictObject({ report: z.literal('serving'), ports: z.array(z.int()) }),
  /** The node sent something that was watched for. */
  z.strictObject({ report: z.literal('passed'), id: z.string() }),
  /** Something was affected by a trouble for the first time; the tally says what. */
  z.strictObject({ report: z.literal('landed'), id: z.string(), tally: tallySchema }),
  /** A trouble is over; the tally says what it affected altogether. */
  z.strictObject({ report: z.literal('healed'), id: z.string(), tally: tallySchema }),
]);

/** What a proxy tells the lab. */
export type Report = z.infer<typeof reportSchema>;

/** A server behind a proxy. */
export interface Server {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}
