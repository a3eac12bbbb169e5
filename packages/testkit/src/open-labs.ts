// Finds the labs that a test leaves open. Importing this in a test file puts a hook around each of its
// tests and one around the file: hooks of that kind end after everything the test itself cleans up
// with, whatever order its other hooks run in.
import { AsyncLocalStorage } from 'node:async_hooks';
import { aroundAll, aroundEach, onTestFinished, TestRunner } from 'vitest';
import type { LabLeftOpen } from './errors.ts';

/** What is known of a lab that somebody has to close. */
export interface OpenLab {
  /** The error of whoever does not close it; made where the lab was asked for. */
  readonly leftOpen: LabLeftOpen;
  /** Ends what still goes on. */
  close(): Promise<void>;
}

/**
 * Until when a lab must be closed: by the end of the test (or of the file, where no test made it), or
 * of the file in any case.
 */
export type Lifetime = 'test' | 'file';

/** Ending a fleet in the middle of a run takes seconds. */
const CLOSE_LIMIT_MS = 60_000;

/** Of the test that the code at hand belongs to, also where several run at the same time. */
const ofTest = new AsyncLocalStorage<Set<OpenLab>>();
const ofFile = new Set<OpenLab>();

if (isTestFile()) {
  aroundEach(async (runTest) => {
    const labs = new Set<OpenLab>();
    await ofTest.run(labs, runTest);
    await closeAll(labs);
  }, CLOSE_LIMIT_MS);
  aroundAll(async (runFile) => {
    await runFile();
    await closeAll(ofFile);
  }, CLOSE_LIMIT_MS);
}

/**
 * Notes that a lab has to be closed; the returned function is to be called when it is. Outside vitest
 * nobody looks.
 */
export function mustBeClosed(lab: OpenLab, lifetime: Lifetime): () => void {
  const labs = lifetime === 'file' ? ofFile : (ofTest.getStore() ?? ofCurrentTest());
  labs.add(lab);
  return () => void labs.delete(lab);
}

/**
 * With `isolate: false` modules are kept from file to file, and the hooks above stand in the first
 * alone. Then a test is known by vitest's own record, as long as no other runs at the same time.
 */
function ofCurrentTest(): Set<OpenLab> {
  const test = TestRunner.getCurrentTest();
  if (!test || test.concurrent === true) return ofFile;
  const labs = new Set<OpenLab>();
  onTestFinished(() => closeAll(labs), CLOSE_LIMIT_MS);
  return labs;
}

/** Whether vitest loads this for a test file, and it is not a program that makes runs. */
function isTestFile(): boolean {
  try {
    TestRunner.getCurrentSuite();
    return true;
  } catch {
    return false;
  }
}

/** @throws {LabLeftOpen} if there is one to close; all have been closed then */
async function closeAll(labs: Set<OpenLab>): Promise<void> {
  const [first, ...others] = labs;
  labs.clear();
  if (!first) return;
  await Promise.all([first, ...others].map((lab) => lab.close()));
  throw first.leftOpen;
}
