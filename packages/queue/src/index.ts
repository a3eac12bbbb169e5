export type {
  FetchedJob,
  IncarnationPresence,
  Lane,
  Producer,
  Recovery,
  TakenJob,
} from './lane.ts';
