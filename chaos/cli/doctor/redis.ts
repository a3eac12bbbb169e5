import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRedisServer, launchRedisServer, redactUrl } from '@understudy/redis';
import { messageOf, systemTimers } from '@understudy/runtime';
import { demandFitRedis, inspectRedis, waysToRedis } from '../../drivers/redis-fitness.ts';
import type { Finding, Surroundings } from './finding.ts';

const OLDEST_MAJOR = 7;

/** Whether there is a redis-server, and whether it starts and answers. */
export async function lookAtRedisServer({ root, environment }: Surroundings): Promise<Finding> {
  const subject = 'redis-server';
  const server = findRedisServer(root, environment);
  if (!server) {
    const found = 'none: looked at REDIS_SERVER, on PATH and in .understudy/bin';
    return { subject, status: 'problem', found, advice: waysToRedis() };
  }
  const where = `${server.path} (from ${server.source})`;
  const directory = await mkdtemp(join(tmpdir(), 'understudy-doctor-'));
  try {
    await using started = await launchRedisServer({ executable: server.path, directory });
    const { version } = await inspectRedis(started.url, systemTimers);
    const found = `version ${version}, starts and answers: ${where}`;
    if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return { subject, status: 'ok', found };
    return { subject, status: 'problem', found, advice: waysToRedis() };
  } catch (error) {
    return {
      subject,
      status: 'problem',
      found: `${where}: ${messageOf(error)}`,
      advice: waysToRedis(),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whether the Redis at `url` answers, is new enough and never evicts. */
export async function lookAtRedisUrl(name: string, url: string): Promise<Finding> {
  const subject = `${name} ${redactUrl(url)}`;
  try {
    const { version, maxmemoryPolicy } = await demandFitRedis(url, systemTimers);
    const policy = maxmemoryPolicy === '' ? 'maxmemory-policy not shown' : maxmemoryPolicy;
    return { subject, status: 'ok', found: `version ${version}, ${policy}` };
  } catch (error) {
    const [found = '', ...advice] = messageOf(error).split(/(?<=[.)])\s+(?=[A-Z])/);
    return {
      subject,
      status: 'problem',
      found,
      advice: advice.join(' ') || 'Leave the URL out and let the lab start its own.',
    };
  }
}
