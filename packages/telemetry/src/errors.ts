import { UnderstudyError } from '@understudy/runtime';

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken',
  EACCES: 'this user may not open that port',
  EADDRNOTAVAIL: 'this machine has no such address',
  ENOTFOUND: 'there is no host of that name',
};

/**
 * Thrown when metrics cannot be served where they were asked for. Nothing was started. Choose
 * another `METRICS_PORT` or `METRICS_HOST`, or set no port to run without metrics.
 */
export class MetricsNotServed extends UnderstudyError {
  readonly code = 'METRICS_NOT_SERVED';
  readonly retriable = false;

  constructor(host: string, port: number, cause: Error & { code?: string }) {
    const why = REASONS[cause.code ?? ''] ?? cause.message;
    super(
      `metrics cannot be served on ${host}:${port}: ${why}. Set METRICS_PORT and METRICS_HOST to an address that is free, or leave METRICS_PORT out to run without metrics.`,
      { cause, context: { host, port } },
    );
  }
}
