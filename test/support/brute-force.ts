/**
 * The best mapping of a layer tile by trying everything: every order of its loops and, by choice, every split over the
 * levels that fits, or the one split of the published rule. Scores come from the model; nothing is shared with a search.
 */
import type { Profile } from '../../src/base/profile.js';
import { layerTileModel, type LayerTileModel } from '../../src/cost/model.js';
import { nestOf } from '../../src/cost/nest.js';
import { searchTables, type SearchTables } from '../../src/cost/tables.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { LayerTileProblem, MappedLayerTile } from '../../src/ir/layer-tile.js';
import { LoopAllocator } from '../../src/mapping/published/allocate.js';
import { alphabetOf, loopFactors } from '../../src/mapping/loop-factors.js';
import { forEachPermutation } from './permutations.js';

export interface Scored {
  readonly energyPj: number;
  readonly cycles: number;
}

/** Whether one score is better than another. */
export type Better = (a: Scored, b: Scored) => boolean;

export interface BruteForce {
  readonly best: MappedLayerTile;
  readonly score: Scored;
  readonly tried: number;
}

/** A layer tile with its loops. */
export interface Setting {
  readonly model: LayerTileModel;
  readonly tables: SearchTables;
  readonly word: readonly number[];
}

export function settingOf(
  hw: Accelerator,
  profile: Profile,
  problem: LayerTileProblem,
  limit: number | null,
): Setting {
  const nest = nestOf(hw, profile, problem);
  const { letters, word } = alphabetOf(loopFactors(nest.temporal, limit));
  const model = layerTileModel(hw, profile, problem, nest, letters);
  return { model, tables: searchTables(model, word.length), word };
}

/** All orders and all splits that fit; undefined if none does. The first of equals is kept. */
export function bestOfAllSplits(
  hw: Accelerator,
  profile: Profile,
  problem: LayerTileProblem,
  limit: number | null,
  better: Better,
): BruteForce | undefined {
  const setting = settingOf(hw, profile, problem, limit);
  const keep = new Keeper(setting.tables, better);
  forEachMapping(setting, (score) => keep.offer(score));
  return keep.result();
}

/** Visits all orders and all splits that fit; each lies in the placement, in its final form. */
export function forEachMapping({ model, tables, word }: Setting, visit: (score: Scored) => void): void {
  forEachPermutation(word, tables.placement.order, () => {
    tables.followOrder();
    forEachSplit(tables, (split) => {
      tables.placement.below.forEach((below, op) => below.set(split[op]!));
      const energyPj = tables.energyPj();
      if (fits(model, tables)) visit({ energyPj, cycles: tables.cycles() });
    });
  });
}

/** All orders, each split by the published rule. */
export function bestOfPublishedSplits(
  hw: Accelerator,
  profile: Profile,
  problem: LayerTileProblem,
  limit: number | null,
  better: Better,
): BruteForce | undefined {
  const { tables, word } = settingOf(hw, profile, problem, limit);
  const allocator = new LoopAllocator(tables);
  const keep = new Keeper(tables, better);
  forEachPermutation(word, tables.placement.order, () => {
    tables.followOrder();
    if (allocator.allocate()) keep.offer({ energyPj: tables.energyPj(), cycles: tables.cycles() });
  });
  return keep.result();
}

class Keeper {
  private best: { score: Scored; mapped: MappedLayerTile } | undefined;
  private tried = 0;

  constructor(
    private readonly tables: SearchTables,
    private readonly better: Better,
  ) {}

  /** The score of what lies in the placement. */
  offer(score: Scored): void {
    this.tried++;
    if (this.best && !this.better(score, this.best.score)) return;
    this.best = { score, mapped: this.tables.result() };
  }

  result(): BruteForce | undefined {
    return this.best && { best: this.best.mapped, score: this.best.score, tried: this.tried };
  }
}

/** Every choice of boundaries in ascending order for every operand; merging them moves some onto one another. */
function forEachSplit(
  { placement }: SearchTables,
  visit: (split: readonly (readonly number[])[]) => void,
): void {
  const n = placement.order.length;
  const choices = placement.below.map(({ length }) =>
    ascending(length - 2, n).map((inner) => [0, ...inner, n]),
  );
  const split: (readonly number[])[] = [];
  const choose = (op: number): void => {
    if (op === choices.length) {
      visit(split);
      return;
    }
    for (const choice of choices[op]!) {
      split[op] = choice;
      choose(op + 1);
    }
  };
  choose(0);
}

const ascending = (count: number, most: number): readonly (readonly number[])[] =>
  count === 0
    ? [[]]
    : ascending(count - 1, most).flatMap((inner) =>
        Array.from({ length: most - (inner.at(-1) ?? 0) + 1 }, (_, i) => [...inner, (inner.at(-1) ?? 0) + i]),
      );

/** Whether every memory holds what the split puts there: sums are wide where loops at or above the level add to them. */
function fits({ operands, problem }: LayerTileModel, { memories, placement }: SearchTables): boolean {
  const { order, below, reduces } = placement;
  return memories.every(({ roomBits, holders }) => {
    const bits = holders.reduce((sum, { operand, level }) => {
      const { contents } = operands[operand]!.average;
      contents.reset();
      for (let l = 0; l <= level; l++) {
        if (l === 0) contents.spread(0);
        for (let i = below[operand]![l]!; i < below[operand]![l + 1]!; i++) contents.step(order[i]!);
        if (l < level) contents.spread(l + 1);
      }
      const { bits: finished, psumBits } = problem.operands[operand]!;
      return sum + contents.wholeElements() * (reduces[below[operand]![level]!] === 1 ? psumBits : finished);
    }, 0);
    return bits <= roomBits;
  });
}
