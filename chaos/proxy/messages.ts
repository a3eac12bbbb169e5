import { z } from 'zod';
import { tallySchema, troubleSchema } from './trouble.ts';

/**
 * The lab and a proxy speak in lines of JSON. With a proxy of the lab's own the orders come on its
 * standard input, the reports go to its standard output, and when the input ends, the lab has gone, and
 * so does the proxy. A proxy in a container is no lab's: it is told before where to listen, and takes
 * orders on a socket of its own (see service.ts).
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
  /** The node sent something that was watched for. */
  z.strictObject({ report: z.literal('passed'), id: z.string() }),
  /** It listens; servers by name, and the ports in their order. */
  z.strictObject({
    report: z.literal('serving'),
    servers: z.array(z.string()),
    ports: z.array(z.int()),
  }),
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
