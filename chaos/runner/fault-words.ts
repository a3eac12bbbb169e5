import type { Observation } from '../drivers/observation.ts';
import type { Resolved } from '../schedule/targets.ts';

/** Told what happens to a fault by hand, in sentences. */
export type SayFault = (text: string) => void;

/** What came of a fault that was injected by hand. */
export interface FaultOutcome extends Resolved {
  /** What the history of the run calls it; absent where it was injected outside of any run. */
  readonly id?: string;
  readonly landed: Observation;
  readonly healed: Observation;
  /** From the injection to its evidence, in ms. */
  readonly landedMs: number;
}

/** Says whether it landed, by what one knows, and when it is taken back. */
export function sayLanded(
  fault: string,
  hit: Resolved,
  landed: Observation,
  afterMs: number,
  lastsMs: number,
  say: SayFault,
): void {
  const came = landed.seen ? `landed after ${Math.round(afterMs)} ms` : 'DID NOT LAND';
  say(`${fault} ${whom(hit)} ${came}: ${landed.evidence}`);
  if (lastsMs > 0) say(`it is taken back in ${lastsMs / 1000} s, or with Ctrl-C`);
}

/** Says whether it was taken back, by what one knows. */
export function sayHealed(fault: string, hit: Resolved, healed: Observation, say: SayFault): void {
  const came = healed.seen ? 'is taken back' : 'WAS NOT TAKEN BACK';
  say(`${fault} ${whom(hit)} ${came}: ${healed.evidence}`);
}

function whom({ name, role }: Resolved): string {
  return role === undefined ? name : `${name} (${role})`;
}
