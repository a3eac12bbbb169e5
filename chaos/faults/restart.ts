import { messageOf } from '@understudy/runtime';
import { z } from 'zod';
import type { FaultyNode } from '../drivers/faulty-node.ts';
import { parseDuration } from '../schedule/duration.ts';
import type { Observation } from './fault.ts';

/** A duration as written, in milliseconds afterwards. */
export function durationParameter(defaultMs: number): z.ZodType<number> {
  return z
    .union([z.string(), z.number()])
    .default(defaultMs)
    .transform((value, context) => {
      try {
        return parseDuration(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: messageOf(error) });
        return z.NEVER;
      }
    });
}

/** Parameters of the faults that end a process. */
export interface RestartsLater {
  readonly restartAfterMs: number;
}

const RESTART_AFTER_MS = 1000;

/** `{ restartAfter }` as written → `{ restartAfterMs }`. */
export const restartParameters: z.ZodType<RestartsLater> = z
  .strictObject({ restartAfter: durationParameter(RESTART_AFTER_MS) })
  .transform(({ restartAfter }) => ({ restartAfterMs: restartAfter }));

/** Heals a death: starts the node again and waits until it is ready. */
export async function restart(node: FaultyNode): Promise<Observation> {
  try {
    const { who, incarnation } = await node.restart();
    return { seen: true, evidence: `${who} is ready as incarnation ${incarnation}` };
  } catch (error) {
    return { seen: false, evidence: messageOf(error) };
  }
}
