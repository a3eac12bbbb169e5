import { createLease, type LeaseSettings } from '@understudy/lease';
import { Redis } from 'ioredis';
import { leaseScripts } from '../src/scripts.ts';
import { RedisEpochStore } from './redis-epoch-store.ts';

/**
 * A process with one contender and nothing else: what tests kill and freeze. Told by SIGUSR2 it stops
 * itself with its next heartbeat noted and not sent.
 */
const { settings, group, name, lockUrls, storeUrl } = JSON.parse(process.argv[2] ?? '{}') as {
  settings: Partial<LeaseSettings>;
  group: string;
  name: string;
  lockUrls: string[];
  storeUrl: string;
};

let stopsBeforeBeat = false;
process.on('SIGUSR2', () => (stopsBeforeBeat = true));
const { sendCommand } = Redis.prototype;
const beat = leaseScripts(0).beat.sha1;
Redis.prototype.sendCommand = function (...sent) {
  if (stopsBeforeBeat && sent[0].args[0] === beat) {
    stopsBeforeBeat = false;
    process.kill(process.pid, 'SIGSTOP');
  }
  return sendCommand.apply(this, sent);
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
