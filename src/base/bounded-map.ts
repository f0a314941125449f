/**
 * A map that forgets what has not been asked for lately, for results that can be worked out again: two generations of
 * at most half the limit each; what is found in the older one moves to the younger.
 */
export class BoundedMap<K, V> {
  private young = new Map<K, V>();
  private old: Map<K, V> | undefined;

  constructor(private readonly limit: number) {}

  get(key: K): V | undefined {
    const found = this.young.get(key);
    if (found !== undefined) return found;
    const older = this.old?.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: K, value: V): void {
    if (this.young.size >= this.limit / 2) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(key, value);
  }

  /** The value of a key, worked out if it is not known. */
  getOr(key: K, make: (key: K) => V): V {
    const found = this.get(key);
    if (found !== undefined) return found;
    const value = make(key);
    this.set(key, value);
    return value;
  }
}

/** What belongs to an object – a map, or what is worked out from it alone – once, as long as the object lives. */
export function perObject<T, O extends object = object>(make: (object: O) => T): (object: O) => T {
  const known = new WeakMap<O, T>();
  return (object) => {
    const found = known.get(object);
    if (found !== undefined) return found;
    const made = make(object);
    known.set(object, made);
    return made;
  };
}

/** What a function makes of a value, kept for those asked for lately. */
export function perValue<K, V>(limit: number, make: (value: K) => V): (value: K) => V {
  const known = new BoundedMap<K, V>(limit);
  return (value) => known.getOr(value, make);
}

/**
 * One object for all that are equal: of what is made for every layer of a long network most is alike, and what stays in
 * memory is what takes time. Looked for among those made lately, by a number that unlike ones rarely share.
 */
export function sharing<T>(
  keyOf: (value: T) => number,
  equal: (one: T, other: T) => boolean,
): (value: T) => T {
  const known = new BoundedMap<number, T>(1024);
  return (value) => {
    const key = keyOf(value);
    const found = known.get(key);
    if (found !== undefined && equal(found, value)) return found;
    known.set(key, value);
    return value;
  };
}
