import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '@understudy/runtime';
import { startTimeOf } from '../../drivers/process-table.ts';
import { isOpen, readLabFile, runsDirectory } from '../../runner/run-directory.ts';
import type { Finding, Surroundings } from './finding.ts';

const MEGABYTE = 1024 * 1024;
const FEWEST_MEGABYTES = 50;
const ENOUGH_MEGABYTES = 500;

/** Whether runs can be written, and how much space there is. */
export async function lookAtRunDirectory({ root }: Surroundings): Promise<Finding> {
  const subject = 'run directory';
  const directory = runsDirectory(root);
  try {
    await mkdir(directory, { recursive: true });
    await rm(await mkdtemp(join(directory, '.doctor-')), { recursive: true });
    const { bavail, bsize } = await statfs(directory);
    const freeMegabytes = Math.floor((bavail * bsize) / MEGABYTE);
    const found = `${directory} can be written, ${freeMegabytes} MB free`;
    if (freeMegabytes >= ENOUGH_MEGABYTES) return { subject, status: 'ok', found };
    const status = freeMegabytes < FEWEST_MEGABYTES ? 'problem' : 'warning';
    return { subject, status, found, advice: 'Make room, or remove runs you no longer need.' };
  } catch (error) {
    const advice = 'Look at its permissions, and at those of the folders above it.';
    return { subject, status: 'problem', found: messageOf(error), advice };
  }
}

/** Runs whose lab died and left processes or data behind. */
export async function lookForLeftovers({ root }: Surroundings): Promise<Finding> {
  const subject = 'leftovers';
  const directory = runsDirectory(root);
  const names = await readdir(directory).catch(() => []);
  const abandoned = names.filter((name) => {
    const lab = readLabFile(join(directory, name));
    return lab !== undefined && isOpen(lab) && startTimeOf(lab.pid) !== lab.startTime;
  });
  if (abandoned.length === 0) {
    return { subject, status: 'ok', found: 'no run was left behind by a lab that died' };
  }
  return {
    subject,
    status: 'warning',
    found: `the lab of ${abandoned.join(', ')} died before its run ended`,
    advice:
      'Nothing needs doing: the next run first ends what is left of it. `understudy doctor --heal` does so now.',
  };
}
