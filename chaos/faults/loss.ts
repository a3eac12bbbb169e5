import { z } from 'zod';
import type { FaultyLink } from '../drivers/faulty-link.ts';
import type { Direction } from '../proxy/trouble.ts';
import { EVIDENCE_LIMIT_MS, type Observation } from './fault.ts';
import {
  forParameter,
  type RedisSelection,
  redisParameter,
  selectServers,
} from './link-parameters.ts';

/** Parameters of the faults that lose bytes. */
export interface Loss {
  readonly forMs: number;
  readonly redis: RedisSelection;
}

const FOR_MS = 500;

/** `{ for, redis }` as written → `{ forMs, redis }`. */
export const lossParameters: z.ZodType<Loss> = z
  .strictObject({ for: forParameter(FOR_MS), redis: redisParameter })
  .transform(({ for: forMs, redis }) => ({ forMs, redis }));

/** Begins to lose what goes in one direction. */
export function beginLoss(
  link: FaultyLink,
  { redis }: Loss,
  direction: Direction,
): Promise<Observation> {
  const servers = selectServers(redis, link.servers);
  return link.inject({ kind: 'drop', servers, directions: [direction] }, EVIDENCE_LIMIT_MS);
}
