import { z } from 'zod';

/** Where metrics are served. */
export interface MetricsAddress {
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
}

/**
 * The environment variables of a service that serves metrics, to be spread into the schema of its
 * `main.ts`. Without `METRICS_PORT` (or with an empty one) nothing is served.
 */
export const metricsEnvironment = {
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  METRICS_PORT: z
    .string()
    .regex(/^\d{0,5}$/, 'expected a port, 0 to 65535')
    .transform((text) => (text === '' ? undefined : Number(text)))
    .refine((port) => port === undefined || port <= 65_535, 'expected a port, 0 to 65535')
    .optional(),
};

/** The address in what such a schema has read; `undefined` when nothing is to be served. */
export function metricsAddress(read: {
  readonly METRICS_HOST: string;
  readonly METRICS_PORT?: number | undefined;
}): MetricsAddress | undefined {
  const { METRICS_HOST: host, METRICS_PORT: port } = read;
  return port === undefined ? undefined : { host, port };
}
