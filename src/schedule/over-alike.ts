/**
 * Work over all stacks of a plan, done once for those that are alike; the others get copies under their own names.
 * Invariant: the results are those of doing it for each.
 */
import { firstAlike, namesIn } from '../analysis/alike-stacks.js';
import { copier, renamingBetween } from '../base/renaming.js';
import type { Workload } from '../ir/layer.js';
import type { Stack } from '../ir/stack.js';

export interface StackWork<R extends object> {
  readonly work: (stack: Stack, position: number) => R;
  /** What else the result of a stack hangs on: where that is not the same under other names, the work is done again. */
  readonly given: (position: number) => unknown;
  /** Whether a result holds for alike stacks, so that names are all that is in its texts; default: it does. */
  readonly holds?: (result: R) => boolean;
}

export function overAlike<R extends object>(
  workload: Workload,
  stacks: readonly Stack[],
  { work, given, holds = () => true }: StackWork<R>,
): readonly R[] {
  const first = firstAlike(workload, stacks);
  const kinds = new Map<number, Kind<R>>();
  const results: R[] = [];
  const copyFor = (stack: Stack, s: number): R | undefined => {
    const f = first[s]!;
    if (f === s || !holds(results[f]!)) return undefined;
    let kind = kinds.get(f);
    if (kind === undefined) {
      const names = namesIn(workload, stacks[f]!);
      kind = { names, copy: copier(results[f]!, names) };
      kinds.set(f, kind);
    }
    const names = namesIn(workload, stack);
    return renamingBetween(kind.names, names)?.equal(given(f), given(s)) ? kind.copy(names) : undefined;
  };
  stacks.forEach((stack, s) => results.push(copyFor(stack, s) ?? work(stack, s)));
  return results;
}

interface Kind<R> {
  readonly names: readonly string[];
  readonly copy: (names: readonly string[]) => R;
}
