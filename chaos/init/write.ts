import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '@understudy/runtime';
import { StarterNotWritten } from '../errors.ts';
import type { StarterFile, Templates } from './plan.ts';

/** The texts that come with the lab. */
export function readTemplates(): Templates {
  const read = (name: keyof Templates): string =>
    readFileSync(new URL(`./${name}.txt`, import.meta.url), 'utf8');
  return {
    ...{ config: read('config'), worker: read('worker') },
    ...{ experiment: read('experiment'), test: read('test') },
  };
}

/**
 * Writes all files, or none: half a start that is mixed with what was there helps nobody.
 * @throws {StarterNotWritten} naming each file that is there already, or why one cannot be written
 */
export function writeStarter(directory: string, files: readonly StarterFile[]): void {
  const inTheWay = files
    .map(({ path }) => path)
    .filter((path) => existsSync(join(directory, path)));
  if (inTheWay.length > 0) {
    throw new StarterNotWritten(
      `nothing was written, because this is there already: ${inTheWay.join(', ')}. Move it away, or name another directory.`,
    );
  }
  const written: string[] = [];
  try {
    for (const { path, text } of files) {
      const target = join(directory, path);
      mkdirSync(dirname(target), { recursive: true });
      // Whatever came to be there in the meantime stays.
      writeFileSync(target, text, { flag: 'wx' });
      written.push(target);
    }
  } catch (error) {
    for (const path of written) rmSync(path);
    throw new StarterNotWritten(`${directory} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
