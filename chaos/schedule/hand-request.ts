import type { Observation } from '../faults/fault.ts';
import type { PlannedStep } from './step.ts';
import type { Resolved } from './targets.ts';

/** What came of the injection of a fault that was asked for by hand. */
export interface Landing extends Observation, Resolved {
  /** What the history calls it: `h1`, `h2`, … */
  readonly id: string;
  /** From the injection to its evidence, in ms. */
  readonly afterMs: number;
  /** How long it lasts from now on, in ms. */
  readonly lastsMs: number;
}

/** Somebody who asks for a fault while a plan is carried out. */
export interface HandRequest {
  /** The fault, checked as a step of a plan is; the nemesis gives it a name. */
  readonly step: Omit<PlannedStep, 'id'>;
  /** Takes it back before its time is over. */
  readonly signal: AbortSignal;
  onLanded(landing: Landing): void;
  onHealed(healed: Observation): void;
}
