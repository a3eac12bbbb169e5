import type { Mode, Operation } from '@understudy/history';

/**
 * The phases of a run, in order. An interrupted or failed run jumps to `done`.
 *
 * - `starting`: Redis servers and nodes are being started
 * - `steady`: waiting until the fleet is healthy before the first fault
 * - `running`: jobs flow and faults are injected
 * - `settling`: faults are healed, the rest is worked off, zombies get their chance
 * - `judging`: the history is read and judged
 * - `done`: nothing of the run is left running
 */
export type Phase = 'starting' | 'steady' | 'running' | 'settling' | 'judging' | 'done';

/** Says what the lab is doing; several may come within one phase. */
export interface PhaseEvent {
  readonly type: 'phase';
  readonly phase: Phase;
  /** For people: `3 nodes ready in 412 ms`. */
  readonly detail: string;
  readonly run: string;
  /** The run directory, absolute. */
  readonly directory: string;
  readonly mode: Mode;
  readonly nodes: readonly string[];
  /** Milliseconds since the run began, as in the history. */
  readonly at: number;
}

/** All a live display needs: every recorded operation, and the phases between them. */
export type LabEvent = Operation | PhaseEvent;
