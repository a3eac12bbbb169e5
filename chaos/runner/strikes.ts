import type { Operation } from '@understudy/history';

/** What a step of a schedule really hit, and when. */
export interface StrikeRecord {
  /** The step. */
  readonly id: string;
  /** The node or the server. */
  readonly target: string;
  /** What a node was to the fleet then: `leader`. */
  readonly role: string | undefined;
  /** Entries of the effect log that were seen before. */
  readonly effects: number;
  /** Since the first job was enqueued, in ms; since the run began where none was. */
  readonly afterMs: number;
  landed: boolean;
}

/** Reads out of a history, operation by operation, which faults were really injected. */
export function strikeReader(): {
  step(operation: Operation): void;
  finish(): ReadonlyMap<string, StrikeRecord>;
} {
  const strikes = new Map<string, StrikeRecord>();
  let effects = 0;
  let firstJobAt: number | undefined;
  return {
    step(operation) {
      if (operation.op === 'effect') effects += 1;
      else if (operation.op === 'enqueue') firstJobAt ??= operation.at;
      else if (operation.op === 'fault') {
        const { id, target, role, phase, at } = operation;
        if (phase === 'inject') {
          const afterMs = at - (firstJobAt ?? 0);
          strikes.set(id, { id, target, role, effects, afterMs, landed: false });
        }
        const strike = strikes.get(id);
        if (phase === 'landed' && strike) strike.landed = true;
      }
    },
    finish: () => strikes,
  };
}
