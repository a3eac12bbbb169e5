export { answerWithin } from './answer-within.ts';
export { type BatchBounds, Batches } from './batches.ts';
export { type Clock, systemClock } from './clock.ts';
export { messageOf, UnderstudyError, type UnderstudyErrorOptions } from './errors.ts';
export {
  failpoint,
  type FailpointName,
  FAILPOINTS,
  type FailpointSwitch,
  failpointSwitch,
  withoutFailpoints,
} from './failpoint.ts';
export { type NewId, randomId } from './ids.ts';
export { isExecutable } from './is-executable.ts';
export { invariant, InvariantViolation, unreachable } from './invariant.ts';
export { ManualTime } from './manual-time.ts';
export { PendingWork } from './pending-work.ts';
export { type Prng, seededPrng } from './prng.ts';
export { TransientMap } from './transient-map.ts';
export { type TakeLine, unrepeated } from './unrepeated.ts';
export { type CancelTimer, sleep, systemTimers, type Timers } from './timers.ts';
