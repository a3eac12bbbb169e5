import { InvalidSettings } from '../errors.ts';
import type { ForeignContract } from '../runner/settings.ts';
import { checkSystem, kindsOf } from './define-system.ts';
import { checkForeignWorker, type ForeignWorker, wordsOf } from './foreign-worker.ts';
import type { System, SystemNodes } from './system.ts';

/** What is put on stage in place of this repository's worker: a command, or a system with hooks. */
export type Subject =
  | { readonly worker: ForeignWorker }
  | {
      readonly system: System;
      /** The file it was loaded from: a replay loads it again. */
      readonly config?: string;
    };

/** What a subject makes of a run's settings. */
export interface SubjectSettings {
  readonly workerCommand: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly foreign: ForeignContract;
  readonly nodes?: number;
  readonly livenessBoundMs?: number;
}

/**
 * Checks a subject, and says what it makes of the settings.
 * @param nodes how many nodes were asked for, if that was said
 * @throws {InvalidSettings} @throws {SystemUnusable} naming every mistake
 */
export function settingsOfSubject(subject: Subject, nodes: number | undefined): SubjectSettings {
  return 'worker' in subject
    ? settingsOfWorker(checkForeignWorker(subject.worker))
    : settingsOfSystem(checkSystem(subject.system, 'the system'), subject.config, nodes);
}

function settingsOfWorker({
  command,
  contract = 'bullmq',
  cwd,
  env = {},
  queue,
  prefix,
}: ForeignWorker): SubjectSettings {
  return {
    workerCommand: wordsOf(command),
    environment: env,
    foreign: {
      contract,
      ...(cwd === undefined ? {} : { cwd }),
      ...(queue === undefined ? {} : { queue }),
      ...(prefix === undefined ? {} : { prefix }),
    },
  };
}

function settingsOfSystem(
  system: System,
  config: string | undefined,
  asked: number | undefined,
): SubjectSettings {
  const kinds = kindsOf(system);
  const { livenessBoundMs } = system;
  const counted = kinds.every(({ count }) => count !== undefined);
  const count = kinds.reduce((sum, kind) => sum + (kind.count ?? 0), 0);
  if (asked !== undefined && counted && asked !== count) {
    throw new InvalidSettings(
      `${asked} nodes were asked for, and the system counts its own: ${count}. Leave --nodes out, or the count.`,
    );
  }
  return {
    workerCommand: wordsOf(kinds[0].command),
    // Names alone are kept of it: the values are the system's own, kind by kind.
    environment: {},
    foreign: { contract: 'system', ...(config === undefined ? {} : { config }) },
    ...(counted ? { nodes: count } : {}),
    ...(livenessBoundMs === undefined ? {} : { livenessBoundMs }),
  };
}

/** The kind that each of so many nodes is: `node-1` the first of the first kind. */
export function kindOfEach(
  system: System,
  nodes: readonly string[],
): ReadonlyMap<string, SystemNodes> {
  const each = kindsOf(system).flatMap((kind) =>
    Array.from({ length: kind.count ?? nodes.length }, () => kind),
  );
  return new Map(nodes.map((node, i) => [node, each[i] ?? kindsOf(system)[0]]));
}
