/** Items told apart by comparing them two by two, within groups of equal keys. */

/** Kinds of items of one key that are told apart; nearly always there is one. */
const MOST_KINDS = 16;

/** Of every item the first one that it is like, which may be itself: an index. Items of different keys are not alike. */
export function firstAlikeOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  isAlike: (one: T, other: T) => boolean,
): readonly number[] {
  const byKey = new Map<string, number[]>();
  return items.map((item, i) => {
    const key = keyOf(item);
    const kinds = byKey.get(key) ?? [];
    const first = kinds.find((kind) => isAlike(items[kind]!, item));
    if (first === undefined) byKey.set(key, [...kinds, i].slice(-MOST_KINDS));
    return first ?? i;
  });
}
