import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Versions of what takes part in a run; that of Redis is known when it answers. */
export function versions(): Record<string, string> {
  return {
    understudy: versionIn(new URL('../package.json', import.meta.url)),
    node: process.version.slice(1),
    bullmq: versionOf('bullmq'),
    ioredis: versionOf('ioredis'),
    platform: `${process.platform} ${process.arch}`,
  };
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url);
  try {
    return versionIn(require.resolve(`${name}/package.json`));
  } catch {
    return 'unknown';
  }
}

function versionIn(path: string | URL): string {
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version?: unknown };
  return typeof version === 'string' ? version : 'unknown';
}
