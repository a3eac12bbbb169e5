import { messageOf } from '@understudy/runtime';
import { COMPOSE_PROJECT } from '../drivers/docker/compose-project.ts';
import { keyOf, takeBack, type Undo } from '../drivers/docker/container-hand.ts';
import type { Engine } from '../drivers/docker/engine.ts';
import type { UndoEntry } from '../drivers/undo-journal.ts';

type ContainerEntry = Extract<UndoEntry, { kind: 'container' }>;

/** What was done about containers that a dead lab had left out of order. */
export interface HealedContainers {
  /** `unpause passive-2 (container 3f2a4b5c6d7e)`, for people. */
  readonly healed: readonly string[];
  /** What could not be done, with the reason. */
  readonly trouble: readonly string[];
}

/** What of a journal has not been taken back by the lab itself, in its order. */
export function notTakenBack(entries: readonly UndoEntry[]): readonly ContainerEntry[] {
  const open = new Map<string, ContainerEntry>();
  for (const entry of entries) {
    if (entry.kind !== 'container') continue;
    const key = `${entry.id} ${keyOf(entry.undo)}`;
    if (entry.undone) open.delete(key);
    else open.set(key, entry);
  }
  return [...open.values()];
}

/**
 * Makes containers as they were, those only that still belong to the compose project of the entry. A
 * container that is as it was, or gone, needs nothing.
 * @param open how to reach the engine; asked only when there is something to do
 */
export async function healContainers(
  entries: readonly ContainerEntry[],
  open: () => Promise<Engine>,
): Promise<HealedContainers> {
  if (entries.length === 0) return { healed: [], trouble: [] };
  let engine: Engine;
  try {
    engine = await open();
  } catch (error) {
    return { healed: [], trouble: [messageOf(error)] };
  }
  const healed: string[] = [];
  const trouble: string[] = [];
  for (const entry of entries) {
    const told = `${entry.undo.do} ${entry.what} (container ${entry.id.slice(0, 12)})`;
    try {
      if (await healOne(engine, entry)) healed.push(told);
    } catch (error) {
      if (!isGone(error)) trouble.push(`${told}: ${messageOf(error)}`);
    }
  }
  return { healed, trouble };
}

async function healOne(
  engine: Engine,
  { id, project, undo, engine: where }: ContainerEntry,
): Promise<boolean> {
  if (engine.where !== where) {
    throw new TypeError(
      `it is in the engine at ${where}, and this is the one at ${engine.where}: set DOCKER_HOST`,
    );
  }
  const { labels } = await engine.inspect(id);
  if (labels[COMPOSE_PROJECT] !== project) return false;
  return takeBack(engine, id, undo satisfies Undo);
}

const NOT_FOUND = 404;

function isGone(error: unknown): boolean {
  const { context } = error as { context?: { status?: unknown } };
  return context?.status === NOT_FOUND;
}
