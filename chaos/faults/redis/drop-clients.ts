import { messageOf } from '@understudy/runtime';
import { z } from 'zod';
import type { FaultyRedis } from '../../drivers/faulty-redis.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation } from '../fault.ts';
import { clientIds, clientsTold } from './clients.ts';
import { refuseWhereShared } from './own-server.ts';

/**
 * Every connection to the server is cut by the server, those that subscribe too: replies under way
 * are lost, and presence ends for a moment. The lab's watchers are spared; its producer is not.
 */
export const dropClients: Fault<Record<string, never>, 'redis'> = {
  name: 'drop-clients',
  place: 'redis',
  summary: 'cuts every connection to the server, as CLIENT KILL does',
  parameters: z.strictObject({}),
  undo: 'nothing: who was cut off connects again',
  refuse: refuseWhereShared,
  leavesZombies: false,
  async inject(server: FaultyRedis): Promise<Observation> {
    try {
      const ids = await clientIds(server);
      const killed = await Promise.all(ids.map((id) => server.admin.client('KILL', 'ID', id)));
      const left = new Set(await clientIds(server));
      const remaining = ids.filter((id) => left.has(id));
      const count = killed.filter((answer) => answer === 1).length;
      const still =
        remaining.length === 0 ? 'none of them is left' : `${remaining.length} are left`;
      return {
        seen: count > 0 && remaining.length === 0,
        evidence: `${clientsTold(ids)}: ${count} killed, ${still}`,
      };
    } catch (error) {
      return { seen: false, evidence: `the clients were not killed: ${messageOf(error)}` };
    }
  },
  durationMs: () => 0,
  /** Nothing has to be taken back. Whether those who were cut off go on is the fleet's affair. */
  async heal(server: FaultyRedis): Promise<Observation> {
    let ids: readonly number[] = [];
    const somebody = async (): Promise<boolean> => {
      // The server itself may have been ended meanwhile: then nobody is there.
      ids = await clientIds(server).catch(() => []);
      return ids.length > 0;
    };
    await server.until(somebody, EVIDENCE_LIMIT_MS);
    return { seen: true, evidence: `connected anew: ${clientsTold(ids)}` };
  },
};
