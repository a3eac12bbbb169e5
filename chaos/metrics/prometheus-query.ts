import { z } from 'zod';
import { PrometheusUnfit } from '../errors.ts';

const series = z.object({
  metric: z.record(z.string(), z.string()),
  values: z.array(z.tuple([z.number(), z.string()])),
});
const answer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('success'), data: z.object({ result: z.array(series) }) }),
  z.object({ status: z.literal('error'), error: z.string() }),
]);

/** One line of a graph: its labels, and its points (seconds since 1970, value). */
export type RangeSeries = z.infer<typeof series>;

/** What is asked, over which time (seconds since 1970), and how far apart the points are. */
export interface RangeQuery {
  readonly query: string;
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly stepSeconds: number;
}

/**
 * Asks a Prometheus as Grafana asks it for a graph.
 * @throws {PrometheusUnfit} when it does not answer, or refuses the query
 */
export async function queryRange(url: string, range: RangeQuery): Promise<readonly RangeSeries[]> {
  const parameters = new URLSearchParams({
    query: range.query,
    start: String(range.fromSeconds),
    end: String(range.untilSeconds),
    step: String(range.stepSeconds),
  });
  let body: z.infer<typeof answer>;
  try {
    const response = await fetch(`${url}/api/v1/query_range`, { method: 'POST', body: parameters });
    body = answer.parse(await response.json());
  } catch (cause) {
    throw new PrometheusUnfit(`Prometheus at ${url} does not answer as it should`, { cause });
  }
  if (body.status === 'error') {
    throw new PrometheusUnfit(`Prometheus refuses ${range.query}: ${body.error}`);
  }
  return body.data.result;
}
