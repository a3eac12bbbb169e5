import type { z } from 'zod';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import type { FaultName } from '../schedule/step.ts';

/** What was seen from outside the node: whether it is so, and by what one knows. */
export interface Observation {
  readonly seen: boolean;
  /** `pid 4711 ended by SIGKILL`. */
  readonly evidence: string;
}

/** One kind of trouble. `Parameters` is what the schema makes of the parameters as written. */
export interface Fault<Parameters> {
  readonly name: FaultName;
  /** What it does, in one line. */
  readonly summary: string;
  readonly parameters: z.ZodType<Parameters>;
  /** Why it cannot work on this platform; undefined when it can. Asked before the run. */
  refuse(platform: NodeJS.Platform): string | undefined;
  /** What would take it back, for the undo journal. */
  readonly undo: string;
  /** Hits the node at once (the signal is sent before the promise is returned). */
  inject(node: FaultyNode, parameters: Parameters): Promise<Observation>;
  /** How long it lasts before it is healed. */
  durationMs(parameters: Parameters): number;
  heal(node: FaultyNode, parameters: Parameters): Promise<Observation>;
}

/** How long the system gets to show that a signal worked. */
export const EVIDENCE_LIMIT_MS = 2000;

/** Faults need signals and a process table that tells them. */
export function refuseWithoutSignals(platform: NodeJS.Platform): string | undefined {
  return platform === 'linux' || platform === 'darwin'
    ? undefined
    : `it needs the signals and the process table of Linux or macOS (on Windows: WSL 2), and this is ${platform}`;
}
