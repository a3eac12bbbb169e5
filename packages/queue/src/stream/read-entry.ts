import { messageOf } from '@understudy/runtime';
import { type Entry, type Notes, type Reading, StreamJob } from './stream-job.ts';

/** An entry that no handler can be given. */
export interface MalformedEntry {
  readonly queueId: string;
  /** What it calls itself, or else the entry's id. */
  readonly name: string;
  readonly reason: string;
}

/** Reads an entry, in which anybody may have written anything. */
export function readEntry(
  entry: Entry,
  reading: Reading,
  notes: Notes | undefined,
): StreamJob | MalformedEntry {
  const [queueId, fields] = entry;
  let id = '';
  let text: string | undefined;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    if (fields[i] === 'id') id = fields[i + 1] as string;
    else if (fields[i] === 'data') text = fields[i + 1];
  }
  const malformed = (why: string): MalformedEntry => ({
    ...{ queueId, name: id === '' ? queueId : id },
    reason: `malformed: ${why}`,
  });
  if (id === '') return malformed('it has no "id"');
  if (text === undefined) return malformed('it has no "data"');
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    return malformed(`its data is not JSON (${messageOf(error)})`);
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    return malformed('its data is not a JSON object');
  }
  const named = data as Record<string, unknown>;
  named.id ??= id;
  if (named.id !== id) return malformed('its data has another "id" than itself');
  try {
    return new StreamJob(entry, named as StreamJob['data'], reading, notes);
  } catch (error) {
    return malformed(`its order key cannot be told (${messageOf(error)})`);
  }
}
