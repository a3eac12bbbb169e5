/** A column with more room: `room`, which begins like `column`. */
export function longer<Column extends Uint8Array | Uint32Array | Int32Array | Float64Array>(
  column: Column,
  room: Column,
): Column {
  room.set(column);
  return room;
}
