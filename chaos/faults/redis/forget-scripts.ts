import { messageOf } from '@understudy/runtime';
import { z } from 'zod';
import type { FaultyRedis } from '../../drivers/faulty-redis.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation } from '../fault.ts';
import { numberIn, refuseWhereShared } from './own-server.ts';

const CACHED = 'number_of_cached_scripts';

/**
 * The server forgets every script it was taught, as after a restart or a failover, while all
 * connections stay: who calls a script by its hash is told NOSCRIPT.
 */
export const forgetScripts: Fault<Record<string, never>, 'redis'> = {
  name: 'forget-scripts',
  place: 'redis',
  summary: 'makes the server forget all scripts, as SCRIPT FLUSH does',
  parameters: z.strictObject({}),
  undo: 'nothing: who calls a script sends it again',
  refuse: refuseWhereShared,
  leavesZombies: false,
  async inject({ admin }: FaultyRedis): Promise<Observation> {
    try {
      // One transaction: between the flush and the look afterwards nobody sends a script again.
      const multi = admin.multi().info('memory').script('FLUSH', 'SYNC').info('memory');
      const answers = (await multi.exec()) ?? [];
      const failed = answers.find(([error]) => error !== null)?.[0];
      if (failed) throw failed;
      const [before, after] = [answers[0], answers[2]].map((answer) =>
        numberIn(String(answer?.[1]), CACHED),
      ) as [number, number];
      return {
        seen: before > 0 && after === 0,
        evidence: `${CACHED} was ${before} before and ${after} after SCRIPT FLUSH`,
      };
    } catch (error) {
      return { seen: false, evidence: `the scripts were not flushed: ${messageOf(error)}` };
    }
  },
  durationMs: () => 0,
  /** Nothing has to be taken back. Whether the fleet sends its scripts again is its own affair. */
  async heal(server: FaultyRedis): Promise<Observation> {
    let cached = 0;
    const again = async (): Promise<boolean> => {
      // The server itself may have been ended meanwhile: then it knows none.
      cached = numberIn(await server.admin.info('memory').catch(() => ''), CACHED);
      return cached > 0;
    };
    await server.until(again, EVIDENCE_LIMIT_MS);
    return { seen: true, evidence: `${CACHED} is ${cached} again` };
  },
};
