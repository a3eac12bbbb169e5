export type { Experiment, ExperimentContext } from './experiments/experiment.ts';
export { type FaultResult, type RunResult, runResultSchema } from './report/result.ts';
export type { LabEvent, Phase, PhaseEvent } from './runner/events.ts';
export type { FinishedRun, RedisUrls, RunExperiment, RunOptions } from './runner/run-options.ts';
export {
  completeSettings,
  type Mode,
  type RequestedSettings,
  type RunSettings,
} from './runner/settings.ts';
export type { FaultName, PlannedStep, Step, Target, Trigger } from './schedule/step.ts';
export type { Payment } from './workload/payment.ts';
