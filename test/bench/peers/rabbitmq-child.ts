// A consumer of a queue with a single active one: RabbitMQ decides which that is.
import process from 'node:process';
import amqp from 'amqplib';

const PREFETCH = 10;
const queue = process.env.QUEUE ?? '';
const connection = await amqp.connect(process.env.AMQP_URL ?? '');
const channel = await connection.createChannel();
await channel.prefetch(PREFETCH);
await channel.consume(queue, (message) => {
  if (!message) return;
  channel.ack(message);
  process.stdout.write('effect\n');
});
process.stdout.write('ready\n');
