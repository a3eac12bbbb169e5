export {
  afterEffects,
  at,
  defineSystem,
  type ForeignWorker,
  JobRefused,
  type LabEvent,
  onceHealed,
  onceLanded,
  type Payment,
  type RunResult,
  type Step,
  type System,
  when,
} from 'understudy';
export { type AnomalyKind } from './assertion.ts';
export { LabClosed, LabLeftOpen } from './errors.ts';
export { type FaultList, type FaultRequest, type PlainFault, type RandomFaults } from './faults.ts';
export { type Lab, type LabOptions, type LabSettings, type RunRequest, startLab } from './lab.ts';
export { type Lifetime } from './open-labs.ts';
