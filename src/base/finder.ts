/** Look-up in long lists: facets are lists, and a search per element would take the square of their length. */

/** Finds the first element with a key. The list, which must not change, is indexed when it is first searched. */
export function finder<T, K>(keyOf: (item: T) => K): (list: readonly T[], key: K) => T | undefined {
  const indexes = new WeakMap<readonly T[], ReadonlyMap<K, T>>();
  return (list, key) => {
    let index = indexes.get(list);
    if (index === undefined) {
      // Reversed, so that of equal keys the first one stays.
      index = new Map(list.toReversed().map((item) => [keyOf(item), item]));
      indexes.set(list, index);
    }
    return index.get(key);
  };
}
