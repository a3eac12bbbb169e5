import { createInterface } from 'node:readline';
import { invariant, systemClock, systemTimers } from '@understudy/runtime';
import { FaultProxy } from './fault-proxy.ts';
import { orderSchema, type Report } from './messages.ts';

/**
 * The process of one node's proxy in a fleet of processes. It listens as the first order says and ends when its input does:
 * a lab that dies leaves no proxy.
 */
function main(): void {
  let proxy: FaultProxy | undefined;
  const tell = (report: Report): void => void process.stdout.write(`${JSON.stringify(report)}\n`);
  // A lab that is gone reads nothing; the end of the input says so as well.
  process.stdout.on('error', () => undefined);
  const orders = createInterface({ input: process.stdin });
  orders.on('line', (line) => {
    const order = orderSchema.parse(JSON.parse(line));
    if (order.order === 'serve') {
      proxy = new FaultProxy(order.servers, {
        clock: systemClock,
        timers: systemTimers,
        onLanded: (id, tally) => tell({ report: 'landed', id, tally }),
        onPassed: (id) => tell({ report: 'passed', id }),
      });
      const servers = order.servers.map(({ name }) => name);
      void proxy.listen().then((ports) => tell({ report: 'serving', servers, ports: [...ports] }));
      return;
    }
    invariant(proxy, 'the first order is to serve');
    if (order.order === 'inject') proxy.inject(order.id, order.trouble);
    else if (order.order === 'watch') proxy.watch(order.id);
    else tell({ report: 'healed', id: order.id, tally: proxy.heal(order.id) });
  });
  orders.on('close', () => proxy?.close());
}

main();
