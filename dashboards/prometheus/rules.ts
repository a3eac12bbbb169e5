import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROMETHEUS_FOLDER } from '../places.ts';

const recordingRule = z.strictObject({ record: z.string().min(1), expr: z.string().min(1) });

const alert = z.strictObject({
  alert: z.string().regex(/^Understudy[A-Z]/),
  expr: z.string().min(1),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
  annotations: z.strictObject({
    summary: z.string().min(1),
    description: z.string().min(1),
    runbook: z.string().min(1),
  }),
});

const ruleFile = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string().min(1), rules: z.array(z.union([recordingRule, alert])) }),
  ),
});

/** A rule that gives a name to an expression. */
export type RecordingRule = z.infer<typeof recordingRule>;

/** A rule that calls a person, with what to look at and what to do. */
export type Alert = z.infer<typeof alert>;

/**
 * All rules, in the order of their files and in these.
 * @throws {z.ZodError} when a rule lacks something, such as an alert its runbook
 */
export function readRules(): (RecordingRule | Alert)[] {
  const folder = join(PROMETHEUS_FOLDER, 'rules');
  return readdirSync(folder)
    .sort()
    .map((file) => ruleFile.parse(parse(readFileSync(join(folder, file), 'utf8'))))
    .flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));
}

/** The alerts among `rules`. */
export function alertsOf(rules: readonly (RecordingRule | Alert)[]): Alert[] {
  return rules.filter((rule) => 'alert' in rule);
}
