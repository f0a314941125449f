/**
 * A loop order with its split over the memory levels: what a temporal mapping is to the formulas. Search reuses one
 * placement for all orders; `below` is set by whoever decides the split, everything else follows from it.
 */
import type { Contents } from './contents.js';
import type { LayerTileModel, OperandModel } from './model.js';

export interface Placement {
  /** Letters, innermost first. */
  readonly order: Uint8Array;
  /** By position: product of the loops inside it (length n+1), and of the loops at and around it. */
  readonly inner: Float64Array;
  readonly outer: Float64Array;
  /** By position: 1 if a loop at or around it sums into the output (length n+1). */
  readonly reduces: Uint8Array;
  /** Per operand and boundary: how many loops lie below. */
  readonly below: readonly Int32Array[];
  /** Per operand and boundary: elements in one instance of the level below it, on average. */
  readonly content: readonly Float64Array[];
}

export function emptyPlacement(model: LayerTileModel, length: number): Placement {
  const boundaries = model.operands.map(({ levels }) => levels.length + 1);
  return {
    order: new Uint8Array(length),
    inner: new Float64Array(length + 1),
    outer: new Float64Array(length + 1),
    reduces: new Uint8Array(length + 1),
    below: boundaries.map((count) => new Int32Array(count)),
    content: boundaries.map((count) => new Float64Array(count)),
  };
}

/** Completes what depends on `order` alone, after it has changed. */
export function followOrder({ letters, operands }: LayerTileModel, placement: Placement): void {
  const { order, inner, outer, reduces } = placement;
  const { irrelevant } = operands[0]!;
  const n = order.length;
  inner[0] = 1;
  for (let i = 0; i < n; i++) inner[i + 1] = inner[i]! * letters[order[i]!]!.size;
  outer[n] = 1;
  reduces[n] = 0;
  for (let i = n - 1; i >= 0; i--) {
    outer[i] = outer[i + 1]! * letters[order[i]!]!.size;
    reduces[i] = reduces[i + 1]! | irrelevant[order[i]!]!;
  }
}

/**
 * Moves every boundary outwards over directly following loops that do not index the operand: the level below keeps
 * its content meanwhile, so these loops cost nothing at the level above (cost-model.md 6.4, merge-down).
 */
export function mergeDown({ irrelevant, levels }: OperandModel, order: Uint8Array, below: Int32Array): void {
  for (let a = 1; a < levels.length; a++) {
    let position = below[a]!;
    while (position < order.length && irrelevant[order[position]!] === 1) position++;
    below[a] = position;
  }
}

/**
 * Elements at every boundary for the order as split by `below`. Per level the loops come before its fan-out: the
 * published order of multiplication (6.5), which matters to the last bit of float unrollings.
 */
export function walk(contents: Contents, order: Uint8Array, below: Int32Array, content: Float64Array): void {
  contents.reset();
  content[0] = contents.elements();
  for (let a = 1; a < below.length; a++) {
    for (let i = below[a - 1]!; i < below[a]!; i++) contents.step(order[i]!);
    contents.spread(a - 1);
    content[a] = contents.elements();
  }
}

/** Whether data crossing boundary `a` is unfinished output: some loop above it still adds to it. */
export const isPartial = (
  model: OperandModel,
  { reduces }: Placement,
  below: Int32Array,
  a: number,
): boolean => model.isOutput && (model.reducesAbove[a] === true || reduces[below[a]!] === 1);

/**
 * Iterations of the loops right below boundary `a` as long as their letters are marked, within the level below it
 * (1 if there are none): the outermost run of irrelevant, or relevant, loops of a level (`topIr`, `topR` of 6.4).
 */
export function outermostRun(marked: Uint8Array, placement: Placement, below: Int32Array, a: number): number {
  if (a === 0) return 1;
  const { order, inner } = placement;
  let first = below[a]!;
  while (first > below[a - 1]! && marked[order[first - 1]!] === 1) first--;
  return inner[below[a]!]! / inner[first]!;
}
