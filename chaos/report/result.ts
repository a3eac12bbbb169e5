import { z } from 'zod';

const verdict = z.enum(['pass', 'fail', 'inconclusive']);

const anomaly = z.object({
  kind: z.string(),
  job: z.string().optional(),
  node: z.string().optional(),
  at: z.number().optional().describe('ms since the run began'),
  detail: z.string(),
});

const checkerResult = z.object({
  checker: z.enum(['outcome', 'fencing', 'order', 'conservation', 'liveness', 'landed']),
  verdict: z.enum([...verdict.options, 'not-applicable']),
  expectation: z.string(),
  limit: z.union([z.number(), z.string()]).optional(),
  observed: z.union([z.number(), z.string()]),
  reason: z.string().optional(),
  anomalies: z.array(anomaly).describe('the first 20 of each kind'),
  totals: z.record(z.string(), z.number().int()).describe('anomalies of each kind, all counted'),
});

const takeover = z.object({
  faultId: z.string().optional(),
  cause: z.string(),
  from: z.string(),
  to: z.string(),
  ms: z.number().describe('from the fault to the first effect by the successor'),
  limitMs: z.number(),
  at: z.number().describe('ms since the run began'),
});

const count = z.number().int().nonnegative();

const counts = z.object({
  accepted: count.describe('jobs whose enqueueing was acknowledged'),
  effects: count.describe('entries of the effect log'),
  ok: count,
  lost: count,
  duplicated: count.describe('jobs with more than one effect'),
  unexpected: count,
  recovered: count,
  pending: count,
  parked: count,
  attempts: count,
  vanished: count,
  duplicatedJobs: z.array(z.string()).describe('the first 100'),
  lostJobs: z.array(z.string()).describe('the first 100'),
  unexpectedJobs: z.array(z.string()).describe('the first 100'),
  parkedJobs: z.array(z.string()).describe('the first 100'),
});

const fault = z.object({
  id: z.string(),
  fault: z.enum(['kill', 'stop', 'pause']),
  requested: z.string().describe('the target of the schedule, a role or a node'),
  target: z.string().optional().describe('the node that was hit'),
  role: z.string().optional().describe('what made that node the target'),
  landed: z.boolean(),
  evidence: z.string().describe('what was seen from outside, or why it did not land'),
  unfinished: count.optional().describe('jobs unfinished when it landed'),
  injectedAt: z.number().optional().describe('ms since the run began'),
  landedAt: z.number().optional(),
  healedAt: z.number().optional(),
});

/** The form of `result.json`. */
export const runResultSchema = z.object({
  schemaVersion: z.literal(1),
  run: z.string(),
  directory: z.string().describe('the run directory, absolute'),
  experiment: z.string(),
  status: z.enum([...verdict.options, 'interrupted']),
  mode: z.enum(['active-passive', 'active-active', 'uncoordinated']),
  lane: z.literal('bullmq'),
  seed: z.number().int(),
  nodes: z.array(z.string()),
  jobs: count.describe('how many the workload holds'),
  checkers: z.array(checkerResult).describe('empty when interrupted'),
  counts: counts.nullable().describe('null when interrupted'),
  takeovers: z.array(takeover),
  faults: z.array(fault).describe('every step of the schedule, in its order'),
  startedAt: z.string().describe('ISO 8601, by the clock of the machine'),
  durationMs: z.number(),
  versions: z.record(z.string(), z.string()).describe('understudy, node, redis, bullmq, ioredis'),
});

/** What a run came to, as written to `result.json`. */
export type RunResult = z.infer<typeof runResultSchema>;
/** What became of one step of the schedule. */
export type FaultResult = RunResult['faults'][number];

/** `result.json` described in JSON Schema; committed as `result.schema.json`. */
export function resultJsonSchema(): Record<string, unknown> {
  return {
    $id: 'https://understudy.dev/schema/result-1.json',
    title: 'result.json of a run of Understudy',
    ...z.toJSONSchema(runResultSchema, { target: 'draft-2020-12' }),
  };
}
