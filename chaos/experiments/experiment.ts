import type { Mode } from '@understudy/history';
import type { Prng } from '@understudy/runtime';
import type { NeededSettings } from '../runner/settings.ts';
import type { Step } from '../schedule/step.ts';

/** What a schedule may depend on. The same context gives the same schedule. */
export interface ExperimentContext {
  readonly mode: Mode;
  /** How many nodes. */
  readonly nodes: number;
  readonly ttlMs: number;
  /** How many jobs. */
  readonly jobs: number;
  /** The id of the job that is enqueued last: nothing comes after it. */
  readonly lastJob: string;
  /** Jobs a second. */
  readonly rate: number | 'max';
  readonly prng: Prng;
}

/** A named schedule, and what it is good for. */
export interface Experiment {
  /** As written on the command line: lower-case words joined by `-`. */
  readonly name: string;
  /** What one sees when it runs, in one sentence. */
  readonly shows: string;
  /** What the run must not refute, in one sentence. */
  readonly expects: string;
  /** The modes in which it makes sense. Default: every one. */
  readonly modes?: readonly Mode[];
  /**
   * For a control: the kind of anomaly that a run must show, for example `lost`. Such a run is
   * refuted, as it must be, and a run that is not shows a blind lab.
   */
  readonly mustRefute?: string;
  /** Settings it needs, which may speak of the jobs; what the user says wins. */
  readonly settings?: NeededSettings;
  schedule(context: ExperimentContext): readonly Step[];
}
