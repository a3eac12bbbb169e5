import { readHistory } from '@understudy/history';
import { type Chronicle, chronicler } from './chronicle.ts';

/**
 * Reads the history at `path` into a chronicle.
 * @throws {HistoryUnreadable} @throws {HistoryMalformed}
 */
export async function readChronicle(path: string): Promise<Chronicle> {
  await using reader = await readHistory(path);
  const { step, finish } = chronicler(reader.header);
  for await (const batch of reader.batches) batch.forEach(step);
  return finish();
}
