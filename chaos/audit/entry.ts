import type { Mode } from '@understudy/history';
import type { CheckerName } from '../checker/index.ts';
import type { Experiment } from '../experiments/experiment.ts';
import type { RunSettings } from '../runner/settings.ts';
import type { Lane } from '../workload/lane.ts';
import type { SaboteurName } from './saboteurs.ts';

/** What must be found, and by whom: a refutation by something else is luck. */
export interface ExpectedAnomaly {
  readonly checker: CheckerName;
  /** The kind of anomaly, as the checker calls it. */
  readonly kind: string;
}

/** A fleet without a protection, and what must be seen of it. */
export interface AuditEntry {
  /** Which saboteur the entry is about. */
  readonly saboteur: SaboteurName;
  /** On which lane it is shown. */
  readonly lane: Lane;
  /** Left out where no lane is asked for: another entry shows nearly the same. Default: never. */
  readonly onlyIfAsked?: true;
  /**
   * What else has to be taken away before anything can be seen, and why: the protection that makes
   * up for the one that is missing.
   */
  readonly mask?: { readonly remove: readonly SaboteurName[]; readonly why: string };
  readonly experiment: Experiment;
  readonly mode: Mode;
  readonly seed: number;
  /** How many of the payments that come with the repository. */
  readonly jobs: number;
  /** Where they differ from the runner's defaults. */
  readonly settings: Partial<RunSettings>;
  readonly expected: ExpectedAnomaly;
}

/** Every saboteur at work in the fleet that an entry is about. */
export function sabotageOf({ saboteur, mask }: AuditEntry): readonly SaboteurName[] {
  return [saboteur, ...(mask?.remove ?? [])];
}

/** What the unsabotaged twin of an entry is: entries with the same one share its run. */
export function twinOf({ lane, experiment, mode, seed, jobs, settings }: AuditEntry): string {
  return JSON.stringify([lane, experiment.name, mode, seed, jobs, settings]);
}
