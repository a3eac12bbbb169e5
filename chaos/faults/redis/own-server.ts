import type { FaultyRedis } from '../../drivers/faulty-redis.ts';
import { messageOf } from '@understudy/runtime';
import { type Circumstances, type Observation, refuseWithoutSignals } from '../fault.ts';

/** Why a fault cannot hit the process of a Redis server; undefined when it can. */
export function refuseWithoutProcess(circumstances: Circumstances): string | undefined {
  if (circumstances.redis !== 'given') return refuseWithoutSignals(circumstances);
  return 'the Redis was given by its URL, and its process is not the lab’s to end or to stop. Leave the URL out to let the lab start its own';
}

/** Why a fault cannot act through a Redis server's commands; undefined when it can. */
export function refuseWhereShared({ redis }: Circumstances): string | undefined {
  if (redis !== 'given') return undefined;
  return 'the Redis was given by its URL, and everybody else who uses it would be hit as well. Leave the URL out to let the lab start its own';
}

/** Heals the end of a server: starts it again in its place. The `run_id` tells that it is another. */
export async function startAgain(server: FaultyRedis): Promise<Observation> {
  const before = server.who;
  const [pid, startTime] = [server.pid, server.startTime];
  try {
    const { who, runId } = await server.restart();
    return {
      seen: server.pid !== pid || server.startTime !== startTime,
      evidence: `${who} serves ${who === before ? 'anew' : `in place of ${before}`}, run_id ${runId.slice(0, 8)}, persistence ${server.persistence}`,
    };
  } catch (error) {
    return { seen: false, evidence: messageOf(error) };
  }
}

/** What `INFO` says under a name, as a number; 0 where it says nothing. */
export function numberIn(info: string, field: string): number {
  const value = new RegExp(`^${field}:(?:count=)?(\\d+)`, 'm').exec(info)?.[1];
  return Number(value ?? 0);
}
