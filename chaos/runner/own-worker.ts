import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The worker that comes with the lab. It is found as a package and started as a program: the lab runs
 * commands, and imports nothing that it judges.
 */
const OWN_WORKER = require.resolve('@understudy/service-worker');

/**
 * A small young generation, and an old one that is swept before it has grown much: the kernel frees a
 * dead process's memory before it closes its sockets, and nobody can know of a death before that.
 */
const SMALL_HEAP = ['--max-semi-space-size=4', '--heap-growing-percent=15'];

/** The command of a node, where no other is given. */
export const OWN_WORKER_COMMAND: readonly string[] = [process.execPath, ...SMALL_HEAP, OWN_WORKER];

/** As it lies in the repository, and as a package: other checkouts and installations have it too. */
const OWN_WORKER_END = /(services\/worker|@understudy\/service-worker)\/src\/main\.[jt]s$/;

/** Whether a command, perhaps of a run that was made elsewhere, starts the worker of the lab. */
export function isOwnWorker(command: readonly string[]): boolean {
  return OWN_WORKER_END.test(command.at(-1) ?? '');
}
