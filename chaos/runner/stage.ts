import type { OperationBody } from '@understudy/history';
import type { Clock, NewId, Timers } from '@understudy/runtime';
import type { Fleet } from '../drivers/fleet.ts';
import type { LabRedis } from '../drivers/redis-servers.ts';
import type { UndoJournal } from '../drivers/undo-journal.ts';
import type { Arena } from '../schedule/arena.ts';
import type { EffectSource } from '../workload/effect-source.ts';
import type { Enqueuer } from '../workload/enqueuer.ts';
import type { Subject } from '../subject/subject.ts';
import type { QueueReader } from '../workload/queue-reader.ts';
import type { Containers } from './containers.ts';
import type { Plan } from './plan.ts';
import type { RedisUrls } from './run-options.ts';

/**
 * What a run is played on. Disposing ends what was started for it, the fleet first, and takes back what
 * was done to what ran before.
 */
export interface Stage extends AsyncDisposable {
  readonly redis: LabRedis;
  readonly fleet: Fleet;
  /** What faults can hit. */
  readonly arena: Arena;
  readonly effects: EffectSource;
  readonly queue: QueueReader;
  /**
   * The nodes that never sent a byte to Redis by the address they were given; undefined where nobody
   * watches for that.
   */
  withoutTraffic?(): readonly string[];
  /** Starts the nodes once more, when the fleet was stopped: new incarnations on the same servers. */
  startNodesAgain(): Fleet;
  /** What the producer enqueues with, and disposes of. */
  openEnqueuer(): Enqueuer;
}

/** What it takes to set up a stage. */
export interface StageOptions {
  plan: Plan;
  /** The run's name, which is also its group's. */
  run: string;
  root: string;
  directory: string;
  /** Servers of the user's own. */
  redis: RedisUrls | undefined;
  /** A fleet that runs in containers, to be attached to. */
  containers: Containers | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  journal: UndoJournal;
  /** Where a node is to serve its metrics; undefined: nowhere. */
  metricsPortOf(node: string): number | undefined;
  record(operation: OperationBody): void;
  /** Says something that people should know and that decides nothing; of a kind the first is told. */
  note(kind: string, text: string): void;
  /** Lets those look again who wait for what no operation tells. */
  nudge(): void;
  /** What is put on stage in place of this repository's worker. */
  subject: Subject | undefined;
  /** Aborts when the run is given up. */
  signal: AbortSignal;
  /** Told when something ends that must not before the run does. */
  onFailure(error: Error): void;
  clock: Clock;
  timers: Timers;
  newId: NewId;
}

/** What all keys of a run's group begin with. */
export function groupKeyPrefix(run: string): string {
  return `understudy:{${run}}:`;
}
