import { z } from 'zod';
import { SystemUnusable } from '../errors.ts';
import { commandSchema, directorySchema, environmentSchema, mistakesIn } from './foreign-worker.ts';
import type { System, SystemNodes } from './system.ts';

const MOST_NODES = 32;
const LONGEST_BOUND_MS = 600_000;

const aFunction = z.custom<(...args: never[]) => unknown>(
  (value) => typeof value === 'function',
  'expected a function',
);

const nodes = z.strictObject({
  command: commandSchema,
  cwd: directorySchema.optional(),
  env: environmentSchema.optional(),
  count: z.int().min(1).max(MOST_NODES).optional(),
});

const form = z.strictObject({
  nodes: z
    .unknown()
    .refine((value) => value !== undefined, 'expected an object with a command, or several'),
  enqueue: aFunction,
  readEffects: aFunction,
  ready: aFunction.optional(),
  leader: aFunction.optional(),
  readPending: aFunction.optional(),
  setUp: aFunction.optional(),
  tearDown: aFunction.optional(),
  livenessBoundMs: z.number().positive().max(LONGEST_BOUND_MS).optional(),
});

/**
 * Defines a system of one's own, to be put under the lab: what its nodes are, how a job is handed to
 * it, and where its effects are read.
 * @throws {SystemUnusable} naming every mistake
 */
export function defineSystem(system: System): System {
  return checkSystem(system, 'the system');
}

/**
 * Checks what is to be a system.
 * @param what what to call it: `the default export of understudy.config.ts`
 * @throws {SystemUnusable} naming every mistake with its place
 */
export function checkSystem(value: unknown, what: string): System {
  if (typeof value !== 'object' || value === null) {
    throw new SystemUnusable(
      `${what} is no system, but ${value === null ? 'null' : typeof value}: write \`export default defineSystem({ nodes, enqueue, readEffects })\``,
    );
  }
  const mistakes = [
    ...mistakesOf(form.safeParse(value)),
    ...mistakesInNodes((value as { nodes?: unknown }).nodes),
  ];
  if (mistakes.length === 0) return value as System;
  throw new SystemUnusable(`${what} cannot be used:\n${mistakes.join('\n')}`);
}

/** The kinds of nodes of a system: at least one. */
export function kindsOf({ nodes: given }: System): readonly [SystemNodes, ...SystemNodes[]] {
  return [given].flat() as [SystemNodes, ...SystemNodes[]];
}

/** Told apart by hand, so that a mistake in one of several kinds is told with its place. */
function mistakesInNodes(given: unknown): string[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) return mistakesOf(z.object({ nodes }).safeParse({ nodes: given }));
  const several = z.array(nodes).min(1, 'expected at least one kind of nodes');
  const mistakes = mistakesOf(z.object({ nodes: several }).safeParse({ nodes: given }));
  const uncounted = given.findIndex(
    (kind: { count?: unknown } | null) => kind?.count === undefined,
  );
  return given.length > 1 && uncounted >= 0
    ? [
        ...mistakes,
        `  nodes.${uncounted}.count: expected how many, because there are several kinds`,
      ]
    : mistakes;
}

function mistakesOf(outcome: z.ZodSafeParseResult<unknown>): string[] {
  return outcome.success ? [] : mistakesIn(outcome.error);
}
