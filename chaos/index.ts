export { type LinkProxy, type LinkProxyOptions, startLinkProxy } from './drivers/link-proxy.ts';
export { proxiedLink } from './drivers/proxied-link.ts';
export { faultOfLine } from './drivers/protocol.ts';
export { openUndoJournal, type UndoJournal } from './drivers/undo-journal.ts';
export { openEngine } from './drivers/docker/docker-engine.ts';
export type { Engine } from './drivers/docker/engine.ts';
export type { Mode, Operation } from '@understudy/history';
export { type SaboteurName, saboteurNames } from './audit/saboteurs.ts';
export {
  EnvironmentUnfit,
  InvalidInput,
  InvalidSchedule,
  InvalidSettings,
  LinkProxyFailed,
  NodeFailed,
  RedisUnfit,
  RequestRefused,
  RunDirectoryUnusable,
  SystemUnusable,
} from './errors.ts';
export {
  type Experiment,
  type ExperimentContext,
  experiments,
  findExperiment,
} from './experiments/index.ts';
export { faultNames, findFault } from './faults/index.ts';
export {
  type Explanation,
  type FaultResult,
  type RunResult,
  runResultSchema,
} from './report/result.ts';
export { explanationLines } from './report/violation-text.ts';
export type { LabEvent, Phase, PhaseEvent } from './runner/events.ts';
export { explainInversion, explainTakeover } from './runner/explain-on-demand.ts';
export { type JudgedFile, judgeFile } from './runner/judge-file.ts';
export { reapAbandonedRuns, type ReapedRun } from './runner/reap.ts';
export { runExperiment } from './runner/run-experiment.ts';
export type { FinishedRun, RedisUrls, RunExperiment, RunOptions } from './runner/run-options.ts';
export { completeSettings, type RequestedSettings, type RunSettings } from './runner/settings.ts';
export {
  afterEffects,
  at,
  type BandwidthParameters,
  type ClockSkewParameters,
  type CrashAtParameters,
  type LatencyParameters,
  type LinkParameters,
  type LossParameters,
  type Moment,
  onceHealed,
  onceLanded,
  type OutOfMemoryParameters,
  type PartitionParameters,
  type PauseParameters,
  type ResetParameters,
  type RestartParameters,
  type StallParameters,
  when,
} from './schedule/builders.ts';
export { type Duration, parseDuration } from './schedule/duration.ts';
export {
  type RandomFault,
  randomSchedule,
  type RandomScheduleOptions,
  stepsAt,
} from './schedule/random.ts';
export type {
  FaultName,
  NodeTarget,
  PlannedStep,
  RedisTarget,
  Step,
  Target,
  Trigger,
} from './schedule/step.ts';
export { firstJobs, parseInput, readInput, SHIPPED_INPUT } from './workload/input.ts';
export type { Payment } from './workload/payment.ts';
export { defineSystem } from './subject/define-system.ts';
export type { Contract, ForeignWorker } from './subject/foreign-worker.ts';
export { findSystemConfig, loadSystem } from './subject/system-config.ts';
export type { Subject } from './subject/subject.ts';
export {
  JobRefused,
  type StartingNode,
  type System,
  type SystemEffect,
  type SystemEffects,
  type SystemNodes,
  type SystemRun,
} from './subject/system.ts';
