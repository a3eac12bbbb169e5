export {
  afterEffects,
  at,
  type LabEvent,
  type Payment,
  type RunResult,
  type Step,
  when,
} from 'understudy';
export { type AnomalyKind } from './assertion.ts';
export { type Lab, type LabOptions, type RunRequest, startLab } from './lab.ts';
