import { z } from 'zod';
import { FAULT_NAMES } from '../schedule/step.ts';

const verdict = z.enum(['pass', 'fail', 'inconclusive']);

const anomaly = z.object({
  kind: z.string(),
  job: z.string().optional(),
  overtaken: z.string().optional().describe('the job that it overtook'),
  node: z.string().optional(),
  at: z.number().optional().describe('ms since the run began'),
  detail: z.string(),
});

const checkerResult = z.object({
  checker: z.enum(['outcome', 'fencing', 'order', 'conservation', 'liveness', 'steady', 'landed']),
  verdict: z.enum([...verdict.options, 'not-applicable']),
  expectation: z.string(),
  limit: z.union([z.number(), z.string()]).optional(),
  observed: z.union([z.number(), z.string()]),
  reason: z.string().optional(),
  decidedBy: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('the kinds of anomaly that decided the verdict'),
  anomalies: z.array(anomaly).readonly().describe('the first 20 of each kind'),
  totals: z.record(z.string(), z.int()).describe('anomalies of each kind, all counted'),
});

const takeover = z.object({
  faultId: z.string().optional(),
  cause: z.string(),
  from: z.string(),
  to: z.string(),
  ms: z.number().describe('from the fault to the first effect by the successor'),
  limitMs: z.number(),
  at: z.number().describe('ms since the run began'),
  excused: z.string().optional().describe('why it is not held against the limit'),
});

const count = z.int().nonnegative();
const jobs = z.array(z.string()).readonly().describe('the first 100');

const counts = z.object({
  accepted: count.describe('jobs whose enqueueing was acknowledged'),
  effects: count.describe('entries of the effect log, vanished ones included'),
  ok: count.describe('accepted jobs with exactly one effect'),
  lost: count.describe('accepted jobs without an effect that are nowhere in the queue'),
  storeForgot: count.describe('of lost and vanished: those a store that lost data accounts for'),
  duplicated: count.describe('jobs with more than one effect'),
  unexpected: count.describe('jobs with an effect that were never enqueued'),
  recovered: count.describe('jobs whose enqueueing was of unknown outcome, with one effect'),
  pending: count.describe('jobs without an effect that still wait in the queue'),
  parked: count.describe('jobs without an effect that were put aside'),
  parkedUndeclared: count.describe('of parked: those that were not declared poison'),
  undecided: count,
  mismatched: count.describe('effects that are not the effect of the job they name'),
  vanished: count.describe('effects that were seen and are gone'),
  attempts: count.describe('handler executions that nodes reported'),
  duplicateEnqueues: count.describe('enqueues beyond the first of a job, done on purpose'),
  inversions: count.describe('effects out of the order of enqueueing, per account'),
  compared: count
    .optional()
    .describe('jobs whose place in the order of their account is known; absent in older results'),
  duplicatedJobs: jobs,
  lostJobs: jobs,
  unexpectedJobs: jobs,
  parkedJobs: jobs,
  pendingJobs: jobs,
});

const fault = z.object({
  id: z.string(),
  fault: z.enum(FAULT_NAMES),
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

const message = z.object({
  at: z.number().describe('ms since the run began'),
  who: z.string().describe('as in the history: `node-2`, `ledger`, `nemesis`; `…`: a gap'),
  what: z.string(),
  from: z.string().optional().describe('whom it went out from, as drawn: `node-2`, `queue`'),
  to: z.string().optional().describe('whom it reached; the same as `from`: nobody else'),
  own: z.boolean().describe('whether it is about the job or the moment that is explained'),
});

const explanation = z.object({
  checker: checkerResult.shape.checker,
  kind: z.string(),
  total: z.int().describe('how many there are of the kind; the first of them is explained'),
  detail: z.string(),
  job: z.string().optional(),
  overtaken: z.string().optional().describe('the job that it overtook'),
  node: z.string().optional(),
  at: z.number().optional().describe('ms since the run began'),
  fleet: z
    .object({ nodes: z.array(z.string()).readonly(), faults: z.array(z.string()).readonly() })
    .optional()
    .describe(
      'what each node was, and which faults were in force, as the sequence begins; absent where the run begins with it',
    ),
  sequence: z.array(message).readonly().describe('in the order of the history, cut where long'),
});

const blow = z.object({
  target: z.string(),
  role: z.string().optional(),
  effects: count.describe('entries of the effect log seen before'),
  afterMs: z.number().describe('since the first job was enqueued'),
  landed: z.boolean(),
});

const replay = z.object({
  run: z.string().describe('the earlier run, or the file of its schedule'),
  status: z
    .enum([...verdict.options, 'interrupted'])
    .optional()
    .describe('what it came to'),
  faults: z
    .array(
      z.object({
        id: z.string(),
        fault: z.string(),
        then: blow.optional().describe('absent: it never fired, or is not known'),
        now: blow.optional().describe('absent: it never fired'),
      }),
    )
    .readonly(),
});

const shrunk = z.object({
  kind: z.string().describe('the kind of anomaly that every candidate had to show'),
  path: z.string().describe('the smallest schedule, for `understudy replay`'),
  steps: z.array(z.string()).readonly().describe('what is left of the schedule'),
  of: z.int().describe('how many steps the schedule had'),
  reproducedAgain: z.boolean().describe('false: the whole did not, and nothing was left out'),
  candidates: z
    .array(
      z.object({
        steps: z.array(z.string()).readonly(),
        reproduced: count,
        runs: count.describe('0: not run, because a step would lack the one it depends on'),
      }),
    )
    .readonly()
    .describe('in the order in which they were tried, the whole first'),
});

const seenByPrometheus = z.object({
  query: z.string().describe('that of the dashboard’s first panel, for this run'),
  samples: count.describe('points of the graph, one a node and second'),
  contradicted: z
    .array(z.string())
    .readonly()
    .describe('points that show a state in which the history does not have the node'),
  unseen: z
    .array(z.string())
    .readonly()
    .describe('times of work that are long enough to be seen and are not in the graph'),
  active: z
    .array(
      z.object({
        node: z.string(),
        state: z.string(),
        fromMs: z.number().describe('ms since the run began'),
        untilMs: z.number(),
      }),
    )
    .readonly()
    .describe('who was seen active, from when to when'),
});

/** The form of `result.json`. */
export const runResultSchema = z.object({
  schemaVersion: z.literal(1),
  run: z.string(),
  directory: z.string().describe('the run directory, absolute'),
  experiment: z.string(),
  status: z.enum([...verdict.options, 'interrupted']),
  reason: z.string().optional().describe('why the status is not that of the checkers'),
  mode: z.enum(['active-passive', 'active-active', 'uncoordinated']),
  lane: z.enum(['bullmq', 'stream', 'system']).describe('where the jobs were'),
  seed: z.int(),
  nodes: z.array(z.string()).readonly(),
  sabotage: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('the saboteurs at work in the fleet; absent where all its protections were in place'),
  fleet: z
    .object({
      driver: z.literal('docker'),
      project: z.string().describe('the compose project'),
      group: z.string(),
      containers: z.record(z.string(), z.string()).describe('node or Redis server → container id'),
    })
    .optional()
    .describe('the containers it was made on; absent: processes that the lab started'),
  notes: z
    .array(z.string())
    .readonly()
    .optional()
    .describe('what people should know of the run and what decides nothing'),
  jobs: count.describe('how many jobs the workload holds'),
  checkers: z.array(checkerResult).readonly().describe('empty when interrupted'),
  counts: counts.nullable().describe('null when interrupted'),
  takeovers: z.array(takeover).readonly(),
  explanations: z
    .array(explanation)
    .readonly()
    .optional()
    .describe('of a refuted run: what happened around the first violation of each kind'),
  prometheus: seenByPrometheus
    .optional()
    .describe('what a Prometheus that scraped the run shows of it, against the history'),
  shrunk: shrunk.optional().describe('how far the schedule of a refuted run could be reduced'),
  replay: replay.optional().describe('how faithfully an earlier run was injected again'),
  repeat: z
    .string()
    .optional()
    .describe('the command that makes such a run again; absent where a program made it'),
  faults: z.array(fault).readonly().describe('every step of the schedule, in its order'),
  startedAt: z.string().describe('ISO 8601, by the clock of the machine'),
  durationMs: z.number(),
  versions: z.record(z.string(), z.string()).describe('understudy, node, redis, bullmq, ioredis'),
});

/** What a run came to, as written to `result.json`. */
export type RunResult = z.infer<typeof runResultSchema>;
/** What happened around the first violation of a kind. */
export type Explanation = NonNullable<RunResult['explanations']>[number];
/** How faithfully an earlier run was injected again. */
export type Replay = NonNullable<RunResult['replay']>;
/** How far the schedule of a refuted run could be reduced. */
export type Shrunk = NonNullable<RunResult['shrunk']>;
/** What a Prometheus shows of a run. */
export type SeenByPrometheus = NonNullable<RunResult['prometheus']>;
/** What became of one step of the schedule. */
export type FaultResult = RunResult['faults'][number];

/** `result.json` described in JSON Schema; committed as `result.schema.json`. */
export function resultJsonSchema(): Record<string, unknown> {
  return {
    $id: 'urn:understudy:result:1',
    title: 'result.json of a run of Understudy',
    ...z.toJSONSchema(runResultSchema, { target: 'draft-2020-12' }),
  };
}
