const SEVEN_BITS = 0x80;

/**
 * Packs whole numbers into a column: differences, in as few bytes as they need, as base64. Each is written as its difference from the one before; neighbours
 * in a history are alike, so most take one byte. The client has the other half (`client/unpack.ts`).
 */
export function pack(numbers: readonly number[]): string {
  const bytes: number[] = [];
  let before = 0;
  for (const number of numbers) {
    const difference = number - before;
    before = number;
    // Positive and negative in turn: 0, -1, 1, -2, 2 … become 0, 1, 2, 3, 4 …
    let rest = difference < 0 ? -2 * difference - 1 : 2 * difference;
    while (rest >= SEVEN_BITS) {
      bytes.push((rest % SEVEN_BITS) + SEVEN_BITS);
      rest = Math.floor(rest / SEVEN_BITS);
    }
    bytes.push(rest);
  }
  return Buffer.from(bytes).toString('base64');
}
