import type { FencingToken, Ledger } from '@understudy/exactly-once';
import type { Lane } from '@understudy/queue';
import type { Logger } from '@understudy/telemetry';
import type { WorkerEvent } from './events.ts';
import type { WorkerSettings } from './settings.ts';

/** What the upkeep of a working node concerns. */
export interface UpkeepOptions {
  readonly lane: Lane;
  readonly ledger: Ledger;
  report(event: WorkerEvent): void;
  readonly log: Logger;
}

const RECOVER_EVERY_MS = 20;
const LEADER_RECOVERS_EVERY_MS = 100;

/**
 * How often jobs of the dead are looked for unless the settings say it. A leader looks when it begins,
 * and who dies after that had nothing in hand; where all work, somebody's jobs wait for this.
 */
export function recoverEveryMs(
  { recoveryMs }: Pick<WorkerSettings, 'recoveryMs'>,
  token: FencingToken | null,
): number {
  return recoveryMs ?? (token ? LEADER_RECOVERS_EVERY_MS : RECOVER_EVERY_MS);
}

/** R1: takes back what dead nodes left, and tells what it found. */
export async function recoverJobs({ lane, report, log }: UpkeepOptions): Promise<void> {
  const { taken, parked } = await lane.recover();
  for (const job of parked) {
    report({ event: 'parked', job, reason: 'nothing of it was left to fetch' });
  }
  if (taken.length === 0) return;
  const from = [...new Set(taken.map((job) => job.incarnation))];
  log.info({ jobs: taken.length, from }, 'jobs taken back');
  report({ event: 'recovered', jobs: taken.length, from });
}

/** C2: lets the ledger forget keys that no job can need any more. */
export async function forgetKeys({ lane, ledger }: UpkeepOptions): Promise<void> {
  await ledger.maintain(await lane.oldestOutstandingEnqueuedAtMs());
}
