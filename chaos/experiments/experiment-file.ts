import { modeSchema } from '@understudy/history';
import { z } from 'zod';
import { UserModuleUnusable } from '../errors.ts';
import type { Step } from '../schedule/step.ts';
import { loadUserModule, unusable, type UserModuleKind } from '../user-module.ts';
import type { Experiment, ExperimentContext } from './experiment.ts';
import { findExperiment } from './index.ts';

const KIND: UserModuleKind = { name: 'experiment', Unusable: UserModuleUnusable };
const sentence = z.string('a sentence').min(1, 'a sentence');
const settings = z.custom<Experiment['settings']>(
  (value) => ['object', 'function'].includes(typeof value) && value !== null,
  'settings, or a function from jobs to settings',
);

const experimentForm = z.strictObject({
  name: z
    .string('a name such as two-kills')
    .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'lower-case words joined by -, such as two-kills')
    .refine((name) => findExperiment(name) === undefined, 'the lab has an experiment of that name'),
  shows: sentence,
  expects: sentence,
  modes: z.array(modeSchema).min(1).optional(),
  mustRefute: z.string().optional(),
  settings: settings.optional(),
  schedule: z.custom<Experiment['schedule']>(
    (value) => typeof value === 'function',
    'a function that returns steps',
  ),
});

const stepsForm = z.array(
  z.looseObject({
    trigger: z.looseObject({ kind: z.enum(['at', 'after-effects', 'when', 'then']) }),
    fault: z.string(),
    target: z.string(),
    parameters: z.record(z.string(), z.unknown()),
  }),
);

/** Whether what stands for an experiment on the command line is a file, and not a name. */
export function isExperimentFile(word: string): boolean {
  return /\.[cm]?[jt]s$/.test(word);
}

/**
 * Reads an experiment of the user's own: the default export of a module. What its schedule throws or
 * returns is told as its fault when the plan is made.
 * @param path absolute
 * @throws {UserModuleUnusable} naming everything that is wrong with it
 */
export async function readExperimentFile(path: string): Promise<Experiment> {
  const { default: given } = await loadUserModule(path, KIND);
  if (given === undefined) {
    throw new UserModuleUnusable(
      `the experiment ${path} has no default export. Write: export default { name, shows, expects, schedule } satisfies Experiment`,
    );
  }
  const parsed = experimentForm.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path: where, message }) =>
      where.length === 0 ? message : `${where.join('.')}: ${message}`,
    );
    throw new UserModuleUnusable(`the experiment ${path} is not one: ${faults.join('; ')}`);
  }
  const experiment = parsed.data as Experiment;
  return {
    ...experiment,
    schedule: (context) => stepsOf(experiment, context, path),
  };
}

function stepsOf(
  experiment: Experiment,
  context: ExperimentContext,
  path: string,
): readonly Step[] {
  let steps: unknown;
  try {
    steps = experiment.schedule(context);
  } catch (error) {
    throw unusable(path, KIND, 'throws when it is asked for its schedule', error);
  }
  const parsed = stepsForm.safeParse(steps);
  if (parsed.success) return parsed.data as unknown as readonly Step[];
  const where = parsed.error.issues[0]?.path[0];
  throw new UserModuleUnusable(
    `the experiment ${path} must return its schedule as an array of steps such as afterEffects(100).kill('leader')${typeof where === 'number' ? `, and step ${where + 1} is none` : ''}`,
  );
}
