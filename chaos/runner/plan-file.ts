import { readFileSync } from 'node:fs';
import { modeSchema } from '@understudy/history';
import { messageOf } from '@understudy/runtime';
import { z } from 'zod';
import { EarlierRunUnusable } from '../errors.ts';
import { FAULT_NAMES, type PlannedStep } from '../schedule/step.ts';
import { LANES } from '../workload/lane.ts';

const natural = z.number().nonnegative();

const trigger = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('at'), atMs: natural }),
  z.object({ kind: z.literal('after-effects'), count: natural }),
  z.object({
    kind: z.literal('when'),
    condition: z.enum(['leader', 'leaderless', 'healthy']),
    afterMs: natural.optional(),
  }),
  z.object({
    kind: z.literal('then'),
    phase: z.enum(['landed', 'healed']),
    afterMs: natural.optional(),
  }),
]);

const target = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'expected a role, a node or a server');

const plannedStep = z.object({
  id: z.string().min(1),
  trigger,
  fault: z.enum(FAULT_NAMES),
  target,
  parameters: z.record(z.string(), z.unknown()),
  previous: z.array(z.string()).readonly().optional(),
});

const settings = z.looseObject({
  // Absent in plans from before there was a choice.
  lane: z.enum(LANES).optional(),
  nodes: z.int().positive(),
  rate: z.union([z.literal('max'), z.number().positive()]),
  workerCommand: z.array(z.string()).min(1).readonly(),
  environment: z.array(z.string()).readonly(),
  foreign: z
    .object({
      contract: z.enum(['bullmq', 'stream', 'system']),
      cwd: z.string().optional(),
      queue: z.string().optional(),
      prefix: z.string().optional(),
      config: z.string().optional(),
    })
    .optional(),
});

/** The form of `schedule.json` and `shrunk.json`, as far as a run is made from it again. */
const planFileSchema = z.object({
  experiment: z.string().min(1),
  mode: modeSchema,
  seed: z.int(),
  settings,
  fleet: z
    .object({ driver: z.literal('docker'), project: z.string(), group: z.string() })
    .optional(),
  jobs: z.object({ count: z.int().positive(), sha256: z.string() }),
  steps: z.array(plannedStep).readonly(),
});

/** A plan as it was kept. */
export interface PlanFile extends Omit<z.infer<typeof planFileSchema>, 'steps'> {
  readonly steps: readonly PlannedStep[];
}

/**
 * Reads a plan that was kept.
 * @throws {EarlierRunUnusable} when there is none, or it is not of the form
 */
export function readPlanFile(path: string): PlanFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new EarlierRunUnusable(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  const parsed = planFileSchema.safeParse(parse(text, path));
  if (parsed.success) return parsed.data as PlanFile;
  const faults = parsed.error.issues.map(({ path: at, message }) => `${at.join('.')}: ${message}`);
  throw new EarlierRunUnusable(`${path} is no schedule of a run: ${faults.join('; ')}`);
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EarlierRunUnusable(`${path} is not JSON: ${messageOf(error)}`, { cause: error });
  }
}
