import type { TestProject } from 'vitest/node';
import { workerInOneFile, type WorkerInOneFile } from './worker-in-one-file.ts';

/**
 * Once before all tests, and before each time that a watcher repeats them: nodes load the worker from one
 * file. With `UNDERSTUDY_FROM_SOURCE=1` they load it from its sources.
 * @returns what is to be done after all tests
 */
export default async function forAllTests(project: TestProject): Promise<() => Promise<void>> {
  if (process.env.UNDERSTUDY_FROM_SOURCE === '1') return () => Promise.resolve();
  const { NODE_OPTIONS: inherited } = process.env;
  let made: WorkerInOneFile | undefined;
  const make = async (): Promise<void> => {
    const old = made;
    made = await workerInOneFile(inherited);
    Object.assign(process.env, made.environment);
    await old?.[Symbol.asyncDispose]();
  };
  await make();
  project.onTestsRerun(make);
  return async () => made?.[Symbol.asyncDispose]();
}
