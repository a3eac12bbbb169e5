// Loaded into a node of the bench before its worker (`--import`): holds memory, and blocks the event
// loop when it is told to. Without its variables it does nothing.
import process from 'node:process';

const { BENCH_RESIDENT_MB: residentMb, BENCH_STALL_MS: stallMs } = process.env;

/** Kept for as long as the process lives. Every page is written to, or none would be resident. */
export const held: Buffer[] = Array.from({ length: Number(residentMb ?? 0) }, () =>
  Buffer.alloc(2 ** 20, 1),
);

if (stallMs !== undefined) {
  process.on('SIGUSR2', () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(stallMs));
  });
}
