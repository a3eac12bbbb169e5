export { announceIncarnation, type AnnounceOptions } from './announce-incarnation.ts';
export type { BullmqLaneOptions } from './bullmq/bullmq-lane-options.ts';
export { bullmqLane } from './bullmq/bullmq-lane.ts';
export { bullmqProducer, type BullmqProducerOptions } from './bullmq/bullmq-producer.ts';
export type {
  Backlog,
  FetchedJob,
  IncarnationPresence,
  Lane,
  Producer,
  Recovery,
  TakenJob,
} from './lane.ts';
export { incarnationKeys } from './incarnation-keys.ts';
export { queueKeys } from './bullmq/queue-keys.ts';
export { type LaneScripts, scripts as laneScripts } from './bullmq/scripts.ts';
