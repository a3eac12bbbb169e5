import type { FaultyRedis } from '../../drivers/faulty-redis.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation } from '../fault.ts';
import { type Lasts, lastsParameters } from '../lasting.ts';
import { refuseWithoutProcess } from './own-server.ts';

const FOR_MS = 3000;

/**
 * The server stands still: connections stay open and take what is sent, nothing is answered. When
 * it wakes it carries out whatever arrived meanwhile, also what nobody waits for any more.
 */
export const pause: Fault<Lasts, 'redis'> = {
  name: 'pause',
  place: 'redis',
  summary: 'stops the server with SIGSTOP and wakes it with SIGCONT after its time, for (3s)',
  parameters: lastsParameters(FOR_MS),
  undo: 'SIGCONT to the process group',
  refuse: refuseWithoutProcess,
  leavesZombies: false,
  async inject(server: FaultyRedis): Promise<Observation> {
    server.signal('SIGSTOP');
    const states = await server.statesWithin(EVIDENCE_LIMIT_MS, true);
    return { seen: /^T+$/.test(states), evidence: server.told(states) };
  },
  durationMs: ({ forMs }) => forMs,
  async heal(server: FaultyRedis): Promise<Observation> {
    server.signal('SIGCONT');
    const states = await server.statesWithin(EVIDENCE_LIMIT_MS, false);
    return {
      seen: states !== '' && !states.includes('T'),
      evidence: server.told(states),
    };
  },
};
