import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What an earlier setup found to be in order, so that this one need not look again.
 * @returns {Record<string, string>} empty when there is none, or it cannot be read
 */
export function readStamp(path) {
  try {
    const stamp = JSON.parse(readFileSync(path, 'utf8'));
    return typeof stamp === 'object' && stamp !== null ? stamp : {};
  } catch {
    return {};
  }
}

/** Adds `facts` to the stamp at `path`. */
export function addToStamp(path, facts) {
  mkdirSync(dirname(path), { recursive: true });
  replaceFile(path, `${JSON.stringify({ ...readStamp(path), ...facts }, undefined, 2)}\n`);
}

/** Writes a file so that a reader sees all of it or none, also after an interruption. */
export function replaceFile(path, content, mode = 0o644) {
  const partial = `${path}.${process.pid}.partial`;
  writeFileSync(partial, content, { mode });
  renameSync(partial, path);
}
