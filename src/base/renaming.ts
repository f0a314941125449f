/**
 * Plain data that is equal but for names: names that stand for others, data compared under them, and copies. Parts in
 * which no name occurs are shared by all copies, and what is one part in the original is one part in a copy.
 */

/** Names of one thing and those that stand for them in another, one to one. */
export class Renaming {
  private readonly there = new Map<string, string>();
  private readonly back = new Map<string, string>();

  /** False: one of them stands for another one. */
  pair(one: string, other: string): boolean {
    const known = this.there.get(one);
    if (known !== undefined) return known === other;
    if (this.back.has(other)) return false;
    this.there.set(one, other);
    this.back.set(other, one);
    return true;
  }

  /** Whether data is the same where the names stand for one another. */
  readonly equal = (one: unknown, other: unknown): boolean =>
    equalData(one, other, (a, b) => (this.there.get(a) ?? a) === b);
}

/** Names of one list for those of the other; undefined: they do not correspond one to one. */
export function renamingBetween(one: readonly string[], other: readonly string[]): Renaming | undefined {
  const renaming = new Renaming();
  const corresponds = one.length === other.length && one.every((name, n) => renaming.pair(name, other[n]!));
  return corresponds ? renaming : undefined;
}

/**
 * Plain data compared; of two texts `sameText` decides, by the key under which they are. Parts that both share are
 * taken to be without names.
 */
export function equalData(
  one: unknown,
  other: unknown,
  sameText: (one: string, other: string, key: string) => boolean,
  under = '',
): boolean {
  if (typeof one === 'string' && typeof other === 'string') return sameText(one, other, under);
  if (one === other) return true;
  if (!isPlain(one) || !isPlain(other)) return false;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    for (let i = 0; i < one.length; i++) if (!equalData(one[i], other[i], sameText, under)) return false;
    return true;
  }
  let more = 0;
  for (const key in one) {
    if (!equalData(one[key], other[key], sameText, key)) return false;
    more++;
  }
  for (const _ in other) more--;
  return more === 0;
}

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain => typeof value === 'object' && value !== null;

/** A part to be copied: under some keys it has names, or parts that are copied themselves. */
interface Part {
  readonly original: object;
  readonly holds: readonly (readonly [key: string | number, content: Content])[];
}

type Content = { readonly name: number } | { readonly part: number };

/**
 * Copies of a value in which names, given in the same order, stand for `names`. Names may be given twice. Under other
 * keys than `named` no text is a name; default: any may be.
 */
export function copier<T>(
  value: T,
  names: readonly string[],
  named?: ReadonlySet<string>,
): (others: readonly string[]) => T {
  const numbers = new Map(names.map((name, number) => [name, number]));
  const parts: Part[] = [];
  const found = new Map<object, Content | undefined>();
  const contentOf = (content: unknown, under: string): Content | undefined => {
    if (typeof content === 'string') {
      const number = named === undefined || named.has(under) ? numbers.get(content) : undefined;
      return number === undefined ? undefined : { name: number };
    }
    if (!isPlain(content)) return undefined;
    if (!found.has(content)) found.set(content, partOf(content, under));
    return found.get(content);
  };
  const partOf = (original: object, under: string): Content | undefined => {
    const isList = Array.isArray(original);
    const holds = Object.entries(original).flatMap(([key, held]: readonly [string, unknown]) => {
      const content = contentOf(held, isList ? under : key);
      return content === undefined ? [] : [[key, content] as const];
    });
    return holds.length === 0 ? undefined : { part: parts.push({ original, holds }) - 1 };
  };
  if (contentOf(value, '') === undefined) return () => value;
  return (others) => {
    const made: unknown[] = [];
    for (const { original, holds } of parts) {
      const copy = (Array.isArray(original) ? original.slice() : { ...original }) as Record<string, unknown>;
      for (const [key, content] of holds)
        copy[key] = 'name' in content ? others[content.name] : made[content.part];
      made.push(copy);
    }
    return made.at(-1) as T;
  };
}
