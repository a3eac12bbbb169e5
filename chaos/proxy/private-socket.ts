import { rmSync } from 'node:fs';
import type { Server } from 'node:net';

const ONLY_THE_OWNER = 0o177;

/**
 * Lets a server listen at a UNIX socket that only this user can open. What is at the path is removed.
 * Rejects with the system's error.
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  const before = process.umask(ONLY_THE_OWNER);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
}
