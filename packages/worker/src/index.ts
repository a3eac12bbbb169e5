export {
  defineWorker,
  type HandlerContext,
  type Job,
  type LaneName,
  laneOf,
  LANES,
  type Mode,
  MODES,
  type WorkerDefinition,
} from './definition.ts';
export { InvalidCredit, InvalidSettings, ModeMismatch } from './errors.ts';
export { type NodeState, type WorkerEvent } from './events.ts';
export {
  type LaneDefinition,
  type LaneHooks,
  type PartScripts,
  partScripts,
  redisParts,
  type WorkerParts,
} from './parts.ts';
export { observeWorker, type ObservedWorker } from './observe-worker.ts';
export { rehearse } from './rehearsal.ts';
export type { RunningWorker, StartOptions } from './running-worker.ts';
export { settingsFromEnvironment, type WorkerSettings } from './settings.ts';
export { type ObservedRunningWorker, startObservedWorker } from './start-observed-worker.ts';
export type { Surroundings } from './surroundings.ts';
export { startWorker } from './worker.ts';
export { wrappedLane } from './wrapped-lane.ts';
export { wrappedLedger } from './wrapped-ledger.ts';
