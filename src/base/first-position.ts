/** The first position of a list from which on something is true, by halves: it is true of none before and of all behind. */
export function firstPosition(length: number, isTrue: (position: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
