import { fileURLToPath } from 'node:url';
import { startServers } from '../fleet/servers.ts';
import type { OpenedStage } from './peer-stage.ts';

const MAIN = fileURLToPath(new URL('./redlock-child.ts', import.meta.url));
const LOCK_NODES = ['lock-1', 'lock-2', 'lock-3'];

/** Past the first extension, wherever within a TTL. */
const ACTIVE_FOR_MS = 1400;

/** Three lock nodes, and a Redis for effects. */
export async function redlockStage(): Promise<OpenedStage> {
  const servers = await startServers(['data', ...LOCK_NODES]);
  return {
    main: MAIN,
    activeForMs: ACTIVE_FOR_MS,
    environment: {
      REDIS_URL: servers.urlOf('data'),
      LOCK_REDIS_URLS: LOCK_NODES.map((name) => servers.urlOf(name)).join(','),
    },
    [Symbol.asyncDispose]: () => servers[Symbol.asyncDispose](),
  };
}
