import { z } from 'zod';

const milliseconds = z.number().nonnegative();

/** How a fleet is meant to share the work. `uncoordinated` is the control: it must be refuted. */
export const modeSchema = z.enum(['active-passive', 'active-active', 'uncoordinated']);

/** One fault that was planned before the run, so that one that never fired can be missed. */
export const plannedFaultSchema = z.looseObject({
  id: z.string().min(1).describe('Names the fault in `fault` operations, for example `f1`.'),
  fault: z.string().min(1).describe('What was planned: `kill`, `stop`, `pause`.'),
  target: z.string().min(1).describe('Whom it was planned for: `leader`, `any`, `node-2`.'),
});

/** What the system under test promises: which checkers apply, and with which limits. */
export const expectSchema = z.looseObject({
  epochs: z.boolean().describe('Effects carry the epoch under which they were accepted.'),
  epochsIfTold: z
    .boolean()
    .optional()
    .describe('Whether effects carry epochs is not known before: where none does, none is judged.'),
  idempotency: z.boolean().describe('Effects are keyed, so a second attempt has no second effect.'),
  ordered: z.boolean().describe('Effects keep the order of enqueueing per account.'),
  balances: z.boolean().describe('The ledger keeps balances, which `end` reports.'),
  accountsShared: z
    .boolean()
    .optional()
    .describe('Others change the same accounts, so that balances say nothing of this run.'),
  ttlMs: milliseconds.describe('Time to live of the lease.'),
  livenessBoundMs: milliseconds.describe(
    'After the last heal (or its own acceptance) a job takes effect within this time.',
  ),
  takeoverLimitMs: z
    .record(z.string(), milliseconds)
    .describe('Longest takeover by cause. A cause that is not named: `ttlMs` + 1000.'),
  storeKeeps: z
    .enum(['none', 'everysec', 'always'])
    .optional()
    .describe(
      'What the store keeps over a restart: nothing, all but a second or so, all it acknowledged. Absent: not known.',
    ),
  poison: z.array(z.string()).describe('Jobs that are meant to fail and be parked.'),
  schedule: z.array(plannedFaultSchema).describe('Every fault that was planned.'),
});

/** The first line of a history. */
export const headerSchema = z.looseObject({
  history: z.literal(1).describe('Version of this form.'),
  run: z.string().min(1),
  mode: modeSchema,
  lane: z
    .string()
    .min(1)
    .describe('The queue: `bullmq`, `stream`, or `system` where it is out of sight.'),
  startedAt: z.string().min(1).describe('Wall-clock time of the start, ISO 8601. For people only.'),
  seed: z.int().describe('Fixes schedule and workload.'),
  nodes: z.array(z.string().min(1)),
  repeat: z
    .string()
    .optional()
    .describe('The command that makes such a run again, without secrets. For people only.'),
  fleet: z
    .object({
      driver: z.literal('docker'),
      project: z.string().describe('The compose project.'),
      group: z.string(),
      containers: z.record(z.string(), z.string()).describe('Node or Redis server → container id.'),
    })
    .optional()
    .describe(
      'A fleet in containers that ran before the run and runs on after it: its nodes are not stopped at the end. Absent: processes that the lab started.',
    ),
  expect: expectSchema,
});

/** How a fleet is meant to share the work. */
export type Mode = z.infer<typeof modeSchema>;
/** One fault that was planned before the run. */
export type PlannedFault = z.infer<typeof plannedFaultSchema>;
/** What the system under test promises. Times in milliseconds. */
export type Expectations = z.infer<typeof expectSchema>;
/** The first line of a history. */
export type HistoryHeader = z.infer<typeof headerSchema>;
