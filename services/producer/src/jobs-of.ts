import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** A line of the input: its id, and whatever else it says. */
export type Job = Record<string, unknown> & { id: string };

const jobForm = z.looseObject({ id: z.string().min(1) });

/**
 * The jobs of a file of JSON lines, `rounds` times. In one round they keep their ids; in several
 * each has an id of its own in every round, with `start` in it: it must differ from start to start,
 * or else what is meant as a new job would be taken for one that was done.
 * @throws {Error} of the file system, of JSON and of zod, as they come
 */
export async function* jobsOf(path: string, rounds: number, start: string): AsyncGenerator<Job> {
  for (let round = 1; round <= rounds; round++) {
    const input = createReadStream(path);
    try {
      for await (const line of createInterface({ input })) {
        if (line.trim() === '') continue;
        const job = jobForm.parse(JSON.parse(line));
        yield rounds === 1 ? job : { ...job, id: `${job.id}.${start}.${round}` };
      }
    } finally {
      input.destroy();
    }
  }
}
