import { createLease, type LeaseSettings } from '@understudy/lease';
import { RedisEpochStore } from './redis-epoch-store.ts';

/** A process with one contender and nothing else: what tests kill and freeze. */
const { settings, group, name, lockUrls, storeUrl } = JSON.parse(process.argv[2] ?? '{}') as {
  settings: Partial<LeaseSettings>;
  group: string;
  name: string;
  lockUrls: string[];
  storeUrl: string;
};

createLease({
  ...settings,
  group,
  nodeId: name,
  incarnation: `${name}-1`,
  lockUrls,
  store: new RedisEpochStore(storeUrl, group),
  onChange: (change) => process.stdout.write(`${JSON.stringify(change)}\n`),
}).start();
