import { describeExit } from '../../drivers/exit.ts';
import type { FaultyRedis } from '../../drivers/faulty-redis.ts';
import { EVIDENCE_LIMIT_MS, type Fault, type Observation } from '../fault.ts';
import { restartParameters, type RestartsLater } from '../restart.ts';
import { refuseWithoutProcess, startAgain } from './own-server.ts';

/** Before it ends a server writes what it keeps; on a slow disk that takes a while. */
const SHUTDOWN_LIMIT_MS = 5 * EVIDENCE_LIMIT_MS;

/** What an upgrade does: an orderly end, which keeps what the persistence says, and a new start. */
export const restart: Fault<RestartsLater, 'redis'> = {
  name: 'restart',
  place: 'redis',
  summary:
    'shuts the server down with SIGTERM and starts it again after restartAfter (1s): empty, where it has no persistence',
  parameters: restartParameters,
  undo: 'nothing: the process is gone, and the next run starts its own',
  refuse: refuseWithoutProcess,
  leavesZombies: false,
  async inject(server: FaultyRedis): Promise<Observation> {
    server.signal('SIGTERM');
    const exit = await server.exitWithin(SHUTDOWN_LIMIT_MS);
    if (exit) {
      const evidence = `${server.who} ${describeExit(exit)} after SIGTERM`;
      return { seen: exit.code === 0, evidence };
    }
    server.signal('SIGKILL');
    await server.exitWithin(EVIDENCE_LIMIT_MS);
    return {
      seen: false,
      evidence: `${server.who} did not end within ${SHUTDOWN_LIMIT_MS / 1000} s of SIGTERM and was killed`,
    };
  },
  durationMs: ({ restartAfterMs }) => restartAfterMs,
  heal: startAgain,
};
