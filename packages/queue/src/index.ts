export { announceIncarnation, type AnnounceOptions } from './announce-incarnation.ts';
export type { BullmqLaneOptions } from './bullmq-lane-options.ts';
export { bullmqLane } from './bullmq-lane.ts';
export { bullmqProducer, type BullmqProducerOptions } from './bullmq-producer.ts';
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
export { queueKeys } from './queue-keys.ts';
export { type LaneScripts, scripts as laneScripts } from './scripts.ts';
