/**
 * Work over all stacks of a plan, done once for those that are alike; the others get copies under their own names.
 * Invariant: the results are those of doing it for each.
 */
import { perObject } from '../base/bounded-map.js';
import { bareName, isStackId } from '../base/ids.js';
import { copier, renamingBetween, type Renaming } from '../base/renaming.js';
import { firstAlike, namesIn, type Names } from './alike-stacks.js';
import type { Workload } from './layer.js';
import type { Stack } from './stack.js';

export interface StackWork<R extends object> {
  readonly work: (stack: Stack, position: number) => R;
  /** What else the result of a stack hangs on: where that is not the same under other names, the work is done again. */
  readonly given: (position: number) => readonly unknown[];
  /** Whether a result holds for alike stacks, so that names are all that is in its texts; default: it does. */
  readonly holds?: (result: R) => boolean;
  /** Keys under which a result has names as people read them; absent: it has ids, wherever they are. */
  readonly read?: ReadonlySet<string>;
}

/** Layers and maps by their bare names. */
const readNames = perObject((names: Names): readonly string[] =>
  names.map((id) => (isStackId(id) ? id : bareName(id))),
);

export function overAlike<R extends object>(
  workload: Workload,
  stacks: readonly Stack[],
  { work, given, holds = () => true, read }: StackWork<R>,
): readonly R[] {
  const first = firstAlike(workload, stacks);
  const copiers = new Map<number, (names: readonly string[]) => R>();
  const results: R[] = [];
  const copyFor = (stack: Stack, s: number): R | undefined => {
    const f = first[s]!;
    const [one, result] = [stacks[f]!, results[f]!];
    if (f === s || !holds(result)) return undefined;
    const [names, others] = [namesIn(workload, one), namesIn(workload, stack)];
    if (!isSameGiven(given(f), given(s), names, others)) return undefined;
    const [from, to] = read === undefined ? [names, others] : [readNames(names), readNames(others)];
    // A layer and a map may have the same bare name in one stack and not in the other.
    if (read !== undefined && renamingBetween(from, to) === undefined) return undefined;
    const copy = copiers.get(f) ?? copier(result, from, read);
    copiers.set(f, copy);
    const made = copy(to);
    copies.set(made, { original: result, names: others });
    return made;
  };
  stacks.forEach((stack, s) => results.push(copyFor(stack, s) ?? work(stack, s)));
  return results;
}

/** What has been copied, and under which names, need not be compared. */
const copies = new WeakMap<object, { readonly original: object; readonly names: Names }>();

/** What something has been copied from, under other names; itself, if it has not been. */
export const originalOf = (copy: object): object => copies.get(copy)?.original ?? copy;

function isSameGiven(
  one: readonly unknown[],
  other: readonly unknown[],
  names: Names,
  others: Names,
): boolean {
  const isCopy = (original: unknown, copy: unknown): boolean => {
    const made = typeof copy === 'object' && copy !== null ? copies.get(copy) : undefined;
    return made !== undefined && made.original === original && made.names === others;
  };
  let renaming: Renaming | undefined;
  return one.every((part, p) => {
    if (isCopy(part, other[p])) return true;
    renaming ??= renamingBetween(names, others);
    return renaming?.equal(part, other[p]) ?? false;
  });
}
