/**
 * One layer tile as a search sees it: operands and memories, tables over the sub-multisets of its loops, and scores of
 * a finished placement. Everything is indexed by letters, levels and states; no formula shows through.
 */
import type { Profile } from '../base/profile.js';
import type { LayerLatency } from '../ir/cost.js';
import type { MappedLayerTile } from '../ir/layer-tile.js';
import type { Contents } from './contents.js';
import { EnergyModel } from './energy.js';
import { countedCycles, LatencyModel } from './latency.js';
import { LatencyBound } from './latency-bound.js';
import { latticeTables, type LatticeTables } from './lattice-tables.js';
import { describe } from './mapped.js';
import type { LayerTileModel } from './model.js';
import { emptyPlacement, followOrder, mergeDown, walk, type Placement } from './placement.js';

/** An operand as the allocation of loops to its levels sees it. */
export interface OperandTable {
  readonly contents: Contents;
  readonly bits: number;
  /** Of an unfinished sum; the same as `bits` for inputs. */
  readonly partialBits: number;
  /** By letter: 1 if the loop does not index it, and if it indexes it directly. */
  readonly irrelevant: Uint8Array;
  readonly relevant: Uint8Array;
}

/** A memory with the operands it holds: by position in the problem, and which of their levels it is. */
export interface MemoryTable {
  /** Index in the accelerator. */
  readonly index: number;
  readonly sizeBits: number;
  readonly holders: readonly { readonly operand: number; readonly level: number; readonly isTop: boolean }[];
}

export interface SearchTables {
  readonly operands: readonly OperandTable[];
  /** In the accelerator's order: the order of allocation. */
  readonly memories: readonly MemoryTable[];
  /** What happens where the operands of a memory do not fit together (Q21). */
  readonly overfull: Profile['overfullMemory'];
  /** Tables over the lattice of `word`, all loops as indices of letters. */
  readonly lattice: (word: readonly number[]) => LatticeTables;
  /** Shared by all orders tried: write `order`, then `followOrder()`, then `below`, then score. */
  readonly placement: Placement;
  readonly followOrder: () => void;
  /** Energy, pJ. First moves the split as far down as irrelevant loops allow. */
  readonly energyPj: () => number;
  /** Latency of the placement last scored. */
  readonly latency: () => LayerLatency;
  /** Cycles of it that the profile counts. */
  readonly cycles: () => number;
  readonly latencyBound: (tables: LatticeTables) => LatencyBound;
  /** Everything about the placement last scored. */
  readonly result: () => MappedLayerTile;
}

export function searchTables(model: LayerTileModel, length: number): SearchTables {
  const placement = emptyPlacement(model, length);
  const energy = new EnergyModel(model);
  const latency = new LatencyModel(model);
  return {
    operands: model.operands.map(({ contents, operand, isOutput, irrelevant, relevant }) => ({
      contents,
      bits: operand.bits,
      partialBits: isOutput ? operand.psumBits : operand.bits,
      irrelevant,
      relevant,
    })),
    memories: memoryTables(model),
    overfull: model.profile.overfullMemory,
    lattice: (word) => latticeTables(model, energy, word),
    placement,
    followOrder: () => followOrder(model, placement),
    energyPj: () => {
      settle(model, placement);
      return energy.score(placement);
    },
    latency: () => latency.score(placement),
    cycles: () => countedCycles(latency.score(placement), model.profile),
    latencyBound: (tables) => new LatencyBound(model, latency, tables),
    result: () => describe(model, placement, energy.score(placement), energy, latency.score(placement)),
  };
}

/** Brings a split given by `below` to its final form. */
export function settle({ operands }: LayerTileModel, { order, below, content }: Placement): void {
  for (let op = 0; op < operands.length; op++) {
    mergeDown(operands[op]!, order, below[op]!);
    walk(operands[op]!.contents, order, below[op]!, content[op]!);
  }
}

/** Per memory its holders in its own order of operands; a second input on the same path comes last (4.4). */
function memoryTables({ hw, operands }: LayerTileModel): readonly MemoryTable[] {
  const onPath = operands.map(({ operand }, op) => ({
    op,
    path: operand.path,
    isSecond: operands.findIndex((other) => other.operand.path === operand.path) < op,
  }));
  return hw.memories.flatMap((memory, index): MemoryTable[] => {
    const holders = [
      ...memory.operands.flatMap((path) => onPath.filter((entry) => entry.path === path && !entry.isSecond)),
      ...onPath.filter((entry) => entry.isSecond),
    ].flatMap(({ op }) => {
      const { levels } = operands[op]!;
      const level = levels.indexOf(index);
      return level < 0 ? [] : [{ operand: op, level, isTop: level === levels.length - 1 }];
    });
    return holders.length > 0 ? [{ index, sizeBits: memory.sizeBits, holders }] : [];
  });
}
