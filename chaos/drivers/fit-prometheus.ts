import { spawnSync } from 'node:child_process';
import { findPrometheusProgram } from '@understudy/telemetry';
import { PrometheusUnfit } from '../errors.ts';
import { adviceHere } from '../repository.ts';

/** With which the rules and their tests have been run. */
const OLDEST = { major: 2, minor: 42 };
const NEEDED = `${OLDEST.major}.${OLDEST.minor} or newer`;

/** What to do where there is no Prometheus that can be used. */
export function waysToPrometheus(): string {
  const how = adviceHere(
    'run `node scripts/setup.mjs --with prometheus`',
    'install it, so that `prometheus` is on PATH',
  );
  return `Set PROMETHEUS to one of ${NEEDED}, or ${how}.`;
}

/**
 * Finds a Prometheus that can be used: `PROMETHEUS`, else on PATH, else what setup put into
 * `.understudy/bin`.
 * @param root the directory that holds `.understudy`
 * @throws {PrometheusUnfit} when there is none, it is too old or does not run
 */
export function fitPrometheus(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const found = findPrometheusProgram('prometheus', root, environment);
  if ('missing' in found) {
    throw new PrometheusUnfit(
      `there is no Prometheus to start: looked at PROMETHEUS, for prometheus on PATH, and in .understudy/bin (${found.missing}). ${waysToPrometheus()}`,
    );
  }
  const { path } = found;
  const { stdout, stderr, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(`${stdout}${stderr}`) ?? [];
  if (major === undefined || minor === undefined) {
    const why = error?.message ?? 'it does not say which version it is';
    throw new PrometheusUnfit(`${path} is no Prometheus: ${why}. ${waysToPrometheus()}`);
  }
  if (Number(major) * 1000 + Number(minor) < OLDEST.major * 1000 + OLDEST.minor) {
    throw new PrometheusUnfit(
      `${path} is Prometheus ${major}.${minor}, which is too old. ${waysToPrometheus()}`,
    );
  }
  return path;
}
