import { fileURLToPath } from 'node:url';
import { findPrometheusProgram } from '@understudy/telemetry';
import { describe } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A group of tests that need a Prometheus. Where this machine has none they are reported as skipped,
 * with the reason in their name; and CI fails, because it demands that every test runs.
 */
export function describeWithPrometheus(claim: string, tests: () => void): void {
  const found = findPrometheusProgram('prometheus', ROOT, process.env);
  const without = 'missing' in found ? ` (skipped, no Prometheus: ${found.missing})` : '';
  describe.skipIf(without !== '')(claim + without, tests);
}
