import { z } from 'zod';
import { UserModuleUnusable } from '../errors.ts';

/** A file that init writes, and what it is in a few words. */
export interface StarterFile {
  /** From the directory of the package. */
  readonly path: string;
  readonly text: string;
  readonly what: string;
}

/** What init does in a package: files, and what is left to its owner. */
export interface StarterPlan {
  readonly files: readonly StarterFile[];
  /** Commands to run next, in this order. */
  readonly next: readonly string[];
}

/** The texts that files are made of, by what they become. */
export interface Templates {
  readonly config: string;
  readonly worker: string;
  readonly experiment: string;
  readonly test: string;
}

const FOLDER = 'understudy';

/** Of packages that are not ours. */
const VERSIONS: Readonly<Record<string, string>> = { vitest: '5', bullmq: '6', ioredis: '6' };
/** What is imported by the name of a package, without the part of it that is meant. */
const IMPORTED = /^import (?:.* from )?'((?:@[\w-]+\/)?[\w-]+)(?:\/[^']*)?';$/gm;

const manifestForm = z.looseObject({
  type: z.string().optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
  devDependencies: z.record(z.string(), z.unknown()).optional(),
});

/**
 * Plans what to write into a package.
 * @param manifest the text of its package.json
 * @param version of the packages of ours that it needs
 * @throws {UserModuleUnusable} when package.json cannot be read
 */
export function planStarter(manifest: string, templates: Templates, version: string): StarterPlan {
  const { type, dependencies = {}, devDependencies = {} } = parsed(manifest);
  // In a package whose files are CommonJS, Node.js takes `import` only from a file called so.
  const extension = type === 'module' ? 'ts' : 'mts';
  const file = (name: string, template: keyof Templates, what: string): StarterFile => ({
    path: `${name}.${extension}`,
    text: templates[template].replaceAll('{{extension}}', extension),
    what,
  });
  const config = file('understudy.config', 'config', 'how the lab starts, feeds and reads it');
  const worker = file(`${FOLDER}/worker`, 'worker', 'a worker whose effects commit once');
  const experiment = file(`${FOLDER}/two-kills`, 'experiment', 'an experiment');
  const test = file(`${FOLDER}/failover.test`, 'test', 'a test of vitest');
  const there = { ...dependencies, ...devDependencies };
  const missing = (...files: readonly StarterFile[]): string[] =>
    packagesOf(files)
      .filter((name) => !(name in there))
      .map((name) => `${name}@${VERSIONS[name] ?? version}`);
  return {
    files: [config, worker, experiment, test],
    next: [
      ...installing('npm install', missing(worker)),
      ...installing('npm install --save-dev', missing(config, experiment, test)),
      'npx understudy doctor',
      `npx vitest run ${FOLDER}`,
      `npx understudy run ./${FOLDER}/two-kills.${extension} --system`,
    ],
  };
}

/** The packages that files import. */
function packagesOf(files: readonly StarterFile[]): string[] {
  const found = files.flatMap(({ text }) => [...text.matchAll(IMPORTED)].map(([, name]) => name));
  return [...new Set(found)].filter((name) => name !== undefined);
}

function installing(command: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${command} ${names.join(' ')}`];
}

function parsed(manifest: string): z.infer<typeof manifestForm> {
  try {
    return manifestForm.parse(JSON.parse(manifest));
  } catch (error) {
    throw new UserModuleUnusable('package.json is no package.json: mend it first', {
      cause: error,
    });
  }
}
