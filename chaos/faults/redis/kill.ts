import { describeExit } from '../../drivers/exit.ts';
import type { FaultyRedis } from '../../drivers/faulty-redis.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation } from '../fault.ts';
import { restartParameters, type RestartsLater } from '../restart.ts';
import { refuseWithoutProcess, startAgain } from './own-server.ts';

/**
 * The server is gone between two commands: replies under way are lost, every client is cut off. On
 * a machine that lives on, what was written to its files is there, whether it was flushed or not.
 */
export const kill: Fault<RestartsLater, 'redis'> = {
  name: 'kill',
  place: 'redis',
  summary:
    'ends the server with SIGKILL and starts it again on what its persistence kept after restartAfter (1s)',
  parameters: restartParameters,
  undo: 'nothing: the process is gone, and the next run starts its own',
  refuse: refuseWithoutProcess,
  leavesZombies: false,
  async inject(server: FaultyRedis): Promise<Observation> {
    server.signal('SIGKILL');
    const exit = await server.exitWithin(EVIDENCE_LIMIT_MS);
    if (!exit) return { seen: false, evidence: `${server.who} lives on after SIGKILL` };
    return { seen: exit.signal === 'SIGKILL', evidence: `${server.who} ${describeExit(exit)}` };
  },
  durationMs: ({ restartAfterMs }) => restartAfterMs,
  heal: startAgain,
};
