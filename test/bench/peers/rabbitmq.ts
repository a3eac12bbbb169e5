import { fileURLToPath } from 'node:url';
import { messageOf, systemClock, systemTimers } from '@understudy/runtime';
import amqp from 'amqplib';
import { findRabbitmq, startRabbitmq } from '../../servers/private-rabbitmq.ts';
import { endWithBench } from '../children.ts';
import { type OpenedStage, PER_SECOND } from './peer-stage.ts';

const MAIN = fileURLToPath(new URL('./rabbitmq-child.ts', import.meta.url));
const QUEUE = 'payments';
const BATCH_MS = 10;

const ACTIVE_FOR_MS = 500;

/** A queue with a single active consumer, and messages flowing into it. */
export async function rabbitmqStage(): Promise<OpenedStage> {
  if (findRabbitmq() === undefined) {
    return { absent: 'no rabbitmq-server: `node scripts/setup.mjs --with rabbitmq` says why' };
  }
  try {
    return await openStage();
  } catch (error) {
    return { absent: messageOf(error).split('\n')[0] ?? '' };
  }
}

async function openStage(): Promise<OpenedStage> {
  const server = await startRabbitmq(endWithBench);
  const connection = await amqp.connect(server.url);
  const channel = await connection.createChannel();
  // Nothing that would slow it: not durable, not mirrored, no quorum.
  const queueArguments = { 'x-single-active-consumer': true };
  await channel.assertQueue(QUEUE, { durable: false, arguments: queueArguments });
  const startedMs = systemClock.monotonicMs();
  let sent = 0;
  const stop = systemTimers.every(BATCH_MS, () => {
    const due = Math.floor(((systemClock.monotonicMs() - startedMs) * PER_SECOND) / 1000);
    for (; sent < due; sent++) channel.sendToQueue(QUEUE, Buffer.from(`b-${sent}`));
  });
  return {
    main: MAIN,
    activeForMs: ACTIVE_FOR_MS,
    environment: { AMQP_URL: server.url, QUEUE },
    async [Symbol.asyncDispose]() {
      stop();
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
