import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const WORKER = join(ROOT, 'services', 'worker', 'src', 'main.ts');
const REDIRECT = fileURLToPath(new URL('./redirect.cjs', import.meta.url));
const MADE = join(ROOT, '.understudy', 'one-file');

/** What a source reads beside itself, a Lua script for example, it finds where that source is. */
const BESIDE_THE_SOURCE: Plugin = {
  name: 'beside-the-source',
  transform: {
    filter: { code: 'import.meta.url' },
    handler: (code, id) =>
      code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
  },
};

/** The repository's worker in one file. Disposing removes it. */
export interface WorkerInOneFile extends AsyncDisposable {
  /** With it `services/worker/src/main.ts` means that file, for a process and all that it starts. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Puts the worker and all that it imports into one file, as it is now. Loading hundreds of files is
 * most of what starting a node costs, and the tests start hundreds of nodes (ADR 29).
 * @param nodeOptions those that are added to
 */
export async function workerInOneFile(nodeOptions: string | undefined): Promise<WorkerInOneFile> {
  await mkdir(MADE, { recursive: true });
  const directory = await mkdtemp(join(MADE, 'worker-'));
  await using bundle = await rolldown({
    input: WORKER,
    platform: 'node',
    plugins: [BESIDE_THE_SOURCE],
    logLevel: 'warn',
  });
  await bundle.write({ dir: directory, entryFileNames: 'worker.mjs' });
  return {
    environment: {
      UNDERSTUDY_ONE_FILE: pathToFileURL(join(directory, 'worker.mjs')).href,
      NODE_OPTIONS: `${nodeOptions ?? ''} --require "${REDIRECT}"`.trim(),
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}
