const SEVEN_BITS = 0x80;

/** The whole numbers of a column of `length`, as `columns.ts` of the lab packed them. */
export function unpack(column: string, length: number): Float64Array {
  const bytes = atob(column);
  const numbers = new Float64Array(length);
  let [at, before] = [0, 0];
  for (let index = 0; index < length; index += 1) {
    let [rest, place, byte] = [0, 1, SEVEN_BITS];
    while (byte >= SEVEN_BITS && at < bytes.length) {
      byte = bytes.charCodeAt(at);
      at += 1;
      rest += (byte % SEVEN_BITS) * place;
      place *= SEVEN_BITS;
    }
    before += rest % 2 === 0 ? rest / 2 : -(rest + 1) / 2;
    numbers[index] = before;
  }
  return numbers;
}
