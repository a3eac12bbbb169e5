export type { BullmqJob, BullmqWorker } from './bullmq-shapes.ts';
export { CannotCommit, HandedBack, InvalidOptions } from './errors.ts';
export {
  exactlyOnce,
  type ExactlyOnceOptions,
  type JobOptions,
  type SafeProcessor,
} from './exactly-once.ts';
export type { GroupOptions, Log } from './group-options.ts';
export { type Leader, leadership, type LeadershipOptions } from './leadership.ts';
export { type NodeEvents, printEvents, type Speaker } from './node-events.ts';
export type { SafeContext } from './safe-context.ts';
export { type LedWorker, whenLeader, type WhenLeaderOptions } from './when-leader.ts';
