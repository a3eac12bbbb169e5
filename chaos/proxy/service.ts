import { systemClock, systemTimers } from '@understudy/runtime';
import { z } from 'zod';
import { ControlSocket } from './control-socket.ts';
import { FaultProxy } from './fault-proxy.ts';
import type { Server } from './messages.ts';

const FIRST_PORT = 6379;
const EX_CONFIG = 78;

const server = z
  .string()
  .regex(/^[^=\s]+=[^:\s]+:\d+$/, 'expected name=host:port')
  .transform((text): Server => {
    const [name = '', at = ''] = text.split('=');
    const [host = '', port = ''] = at.split(':');
    return { name, host, port: Number(port) };
  });

const environment = z.object({
  /** `data=redis:6379,lock-1=lock-1:6379`: the first is served at the first port, and so on. */
  PROXIED_SERVERS: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(server).min(1)),
  PROXY_HOST: z.string().min(1).default('0.0.0.0'),
  PROXY_FIRST_PORT: z.coerce.number().int().min(1).max(65_000).default(FIRST_PORT),
  PROXY_CONTROL: z.string().min(1).default('/tmp/understudy-proxy.sock'),
});

/**
 * The proxy of one node as a service: it lets everything through until somebody who holds its control
 * socket says otherwise, and again as soon as they have gone. SIGTERM ends it.
 */
async function main(env: z.infer<typeof environment>): Promise<void> {
  const servers = env.PROXIED_SERVERS;
  const say = (event: string, details: object): void =>
    void process.stdout.write(`${JSON.stringify({ service: 'proxy', event, ...details })}\n`);
  const proxy: FaultProxy = new FaultProxy(servers, {
    clock: systemClock,
    timers: systemTimers,
    onLanded: (id, tally) => control.landed(id, tally),
  });
  const ports = await proxy.listen({
    host: env.PROXY_HOST,
    ports: servers.map((_, index) => env.PROXY_FIRST_PORT + index),
  });
  const names = servers.map(({ name }) => name);
  const control = new ControlSocket({
    path: env.PROXY_CONTROL,
    proxy,
    greeting: { report: 'serving', servers: names, ports: [...ports] },
    say,
  });
  await control.listen();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      proxy.close();
      void control[Symbol.asyncDispose]();
    });
  }
  say('serving', { servers: names, ports });
}

const parsed = environment.safeParse(process.env);
if (parsed.success) await main(parsed.data);
else {
  process.stderr.write(`the proxy cannot start:\n${z.prettifyError(parsed.error)}\n`);
  process.exitCode = EX_CONFIG;
}
