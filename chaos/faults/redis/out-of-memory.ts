import { messageOf } from '@understudy/runtime';
import type { FaultyRedis } from '../../drivers/faulty-redis.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation } from '../fault.ts';
import { type Lasts, lastsParameters } from '../lasting.ts';
import { numberIn, refuseWhereShared } from './own-server.ts';

const FOR_MS = 1000;
const REFUSALS = 'errorstat_OOM';
/** As a private server is started. */
const UNLIMITED = '0';

/**
 * The server is full and evicts nothing: whatever would need memory is refused with OOM, and what
 * reads or frees goes on. The limit is half of what is used, so that no finished job makes room.
 */
export const outOfMemory: Fault<Lasts, 'redis'> = {
  name: 'out-of-memory',
  place: 'redis',
  summary: 'lets the server refuse every write that needs memory, for (1s)',
  parameters: lastsParameters(FOR_MS),
  undo: 'nothing: the limit ends with the server’s process',
  refuse: (circumstances) =>
    circumstances.redis === 'container'
      ? 'it sets a limit in a server that outlives the lab, and would stay full if the lab died. Run it on processes (without --driver docker)'
      : refuseWhereShared(circumstances),
  leavesZombies: false,
  async inject(server: FaultyRedis): Promise<Observation> {
    try {
      const { admin } = server;
      const used = numberIn(await admin.info('memory'), 'used_memory');
      const before = await refusals(server);
      const limit = Math.floor(used / 2);
      await admin.config('SET', 'maxmemory', limit);
      let after = before;
      const refused = async (): Promise<boolean> => (after = await refusals(server)) > before;
      const seen = await server.until(refused, EVIDENCE_LIMIT_MS);
      const stands = `maxmemory ${limit} of ${used} bytes used`;
      return { seen, evidence: `${stands}, ${REFUSALS} went from ${before} to ${after}` };
    } catch (error) {
      return { seen: false, evidence: `the limit was not set: ${messageOf(error)}` };
    }
  },
  durationMs: ({ forMs }) => forMs,
  async heal(server: FaultyRedis): Promise<Observation> {
    try {
      const { admin } = server;
      await admin.config('SET', 'maxmemory', UNLIMITED);
      const limit = numberIn(await admin.info('memory'), 'maxmemory');
      const evidence = `maxmemory is ${limit}, ${REFUSALS} came to ${await refusals(server)}`;
      return { seen: limit === 0, evidence };
    } catch (error) {
      return { seen: false, evidence: `the limit was not lifted: ${messageOf(error)}` };
    }
  },
};

async function refusals({ admin }: FaultyRedis): Promise<number> {
  return numberIn(await admin.info('errorstats'), REFUSALS);
}
