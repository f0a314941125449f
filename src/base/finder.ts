/** Look-up in long lists: facets are lists, and a search per element would take the square of their length. */

/** Up to this length a list is searched: thousands of short ones would each get an index that is asked once. */
const SHORT = 12;

/** Finds the first element with a key. A long list, which must not change, is indexed when it is first searched. */
export function finder<T, K>(keyOf: (item: T) => K): (list: readonly T[], key: K) => T | undefined {
  const indexes = new WeakMap<readonly T[], ReadonlyMap<K, T>>();
  return (list, key) => {
    if (list.length <= SHORT) {
      for (let i = 0; i < list.length; i++) {
        const item = list[i] as T;
        if (keyOf(item) === key) return item;
      }
      return undefined;
    }
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
