import type { FaultName } from '../schedule/step.ts';
import type { Fault } from './fault.ts';
import { kill } from './kill.ts';
import { pause } from './pause.ts';
import { stop } from './stop.ts';

/** A fault whose parameters only it knows: the form in which a plan uses it. */
type AnyFault = Fault<unknown>;

/** Every fault, by name. */
export const faults: Readonly<Record<FaultName, AnyFault>> = {
  kill,
  stop,
  pause,
};

/** The names of all faults, for lists and for finding the nearest one. */
export const faultNames = Object.keys(faults) as readonly FaultName[];

/** The fault called `name`; undefined when there is none. */
export function findFault(name: string): AnyFault | undefined {
  return Object.hasOwn(faults, name) ? faults[name as FaultName] : undefined;
}
