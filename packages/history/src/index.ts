export { HistoryMalformed, HistoryUnreadable, HistoryUnwritable } from './errors.ts';
export {
  type Expectations,
  expectSchema,
  type HistoryHeader,
  headerSchema,
  type Mode,
  modeSchema,
  type PlannedFault,
  plannedFaultSchema,
} from './header.ts';
export {
  type AttemptOperation,
  type EffectOperation,
  type EndOperation,
  type EnqueueOperation,
  type FaultOperation,
  type HealthOperation,
  type Operation,
  type OperationBody,
  type OperationName,
  operationSchema,
  type ParkedOperation,
  type StallOperation,
  type StateOperation,
  type StoreOperation,
  type VanishedOperation,
} from './operation.ts';
export { type HistoryReader, readHistory } from './reader.ts';
export { historyJsonSchema } from './json-schema.ts';
export { createRecorder, type Recorder, type RecorderOptions } from './recorder.ts';
