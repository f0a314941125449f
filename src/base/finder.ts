/** Look-up in long lists: facets are lists, and a search per element would take the square of their length. */

/** Finds the first element with a key. The list, which must not change, is indexed when it is first searched. */
export function finder<T, K>(keyOf: (item: T) => K): (list: readonly T[], key: K) => T | undefined {
  const indexes = new WeakMap<readonly T[], ReadonlyMap<K, T>>();
  return (list, key) => {
    let index = indexes.get(list);
    if (index === undefined) {
      index = indexOf(list, keyOf);
      indexes.set(list, index);
    }
    return index.get(key);
  };
}

/** Of equal keys the first one. */
function indexOf<T, K>(list: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, T> {
  const index = new Map<K, T>();
  for (const item of list) {
    const key = keyOf(item);
    if (!index.has(key)) index.set(key, item);
  }
  return index;
}
