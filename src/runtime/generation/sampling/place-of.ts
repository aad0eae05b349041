/** Where a token stands among ascending ones; -1: nowhere. */
export function placeOf(token: number, ascending: readonly number[]): number {
  let [low, high] = [0, ascending.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const other = ascending[middle]!;
    if (other === token) return middle;
    if (other < token) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
