import { type Chronicle, effectsByNode } from './chronicle.ts';
import { endOf } from './story-cast.ts';

/** A part of a run: the table's rows and the tracker's are both read from it. */
export interface Scene {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly effects: ReadonlyMap<string, number>;
}

/** From the beginning to the first fault, or to the end where there was none. */
export function beforeFaults(chronicle: Chronicle): Scene {
  const untilMs = chronicle.faults[0]?.injectedAt ?? endOf(chronicle) + 1;
  return scene(chronicle, 0, untilMs);
}

/** From the last heal to the end; undefined where nothing was healed, or not everything. */
export function afterLastHeal(chronicle: Chronicle): Scene | undefined {
  if (chronicle.faults.length === 0) return undefined;
  const healedMs = chronicle.faults.map(({ healedAt }) => healedAt ?? Infinity);
  const fromMs = Math.max(...healedMs);
  return Number.isFinite(fromMs) ? scene(chronicle, fromMs, endOf(chronicle) + 1) : undefined;
}

function scene(chronicle: Chronicle, fromMs: number, untilMs: number): Scene {
  return { fromMs, untilMs, effects: effectsByNode(chronicle, fromMs, untilMs) };
}
