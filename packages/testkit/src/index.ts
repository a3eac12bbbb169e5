export {
  afterEffects,
  at,
  type LabEvent,
  onceHealed,
  onceLanded,
  type Payment,
  type RunResult,
  type Step,
  when,
} from 'understudy';
export { type AnomalyKind } from './assertion.ts';
export { LabClosed, LabLeftOpen } from './errors.ts';
export { type FaultList, type FaultRequest, type PlainFault, type RandomFaults } from './faults.ts';
export { type Lab, type LabOptions, type RunRequest, startLab } from './lab.ts';
export { type Lifetime } from './open-labs.ts';
