import { expect, test } from 'vitest';
import { containerRequestsOf } from './container-requests.ts';
import type { RunFlags } from './run-flags.ts';
import { UsageError } from './usage-error.ts';

test.each([
  [{ serveMetrics: 9465 }, /--serve-metrics is for fleets of processes: containers serve/],
  [{ prometheus: true }, /--prometheus is for fleets of processes/],
  [{ redis: 'redis://127.0.0.1:1' }, /--redis is for fleets of processes/],
  [{ keep: true }, /--keep is for fleets of processes/],
  [{ shrink: true }, /--shrink is for fleets of processes/],
])(
  'what only a fleet of processes can do is refused with the reason, whether an engine answers or not: %o',
  async (flag, reason) => {
    const flags: RunFlags = { driver: 'docker', reporter: 'text', ...flag };
    const refused = containerRequestsOf(['calm'], flags, '/');
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(reason);
  },
);
