import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';

/** A Lua script: sent once by text, afterwards by its hash. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/** An argument of a script; a `Buffer` arrives as the bytes it is. */
export type ScriptArgument = string | number | Buffer;

/**
 * Reads a script, `loadScript(new URL('./commit.lua', import.meta.url))`; where several files are named,
 * they are one script, each behind what it is made of.
 */
export function loadScript(...urls: readonly URL[]): Script {
  return scriptOf(urls.map((url) => readFileSync(fileURLToPath(url), 'utf8')).join('\n'));
}

/** The script with this text. */
export function scriptOf(text: string): Script {
  return { text, sha1: createHash('sha1').update(text).digest('hex') };
}

/**
 * Runs a script. Where the server does not know it (NOSCRIPT means: nothing ran), its text is
 * sent instead. Any other rejection is of unknown outcome and is passed on.
 */
export async function runScript(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly ScriptArgument[],
): Promise<unknown> {
  try {
    return await redis.evalsha(script.sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return redis.eval(script.text, keys.length, ...keys, ...args);
  }
}
