/**
 * One layer tile as a search sees it: operands and memories, tables over the sub-multisets of its loops, and scores of
 * a finished placement. Everything is indexed by letters, levels and states; no formula shows through.
 */
import type { Profile } from '../base/profile.js';
import type { LayerLatency } from '../ir/cost.js';
import type { LayerTileProblem, MappedLayerTile } from '../ir/layer-tile.js';
import type { Contents } from './contents.js';
import { EnergyModel } from './energy.js';
import { countedCycles, LatencyModel } from './latency.js';
import { LatencyBound } from './latency-bound.js';
import { layoutOf, type MemoryTable } from './layout.js';
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
  /** `closable`: per boundary, by own state, 1 where it may lie; absent: wherever there is room. */
  readonly latencyBound: (tables: LatticeTables, closable?: readonly Uint8Array[]) => LatencyBound;
  /** Everything about the placement last scored. */
  readonly result: () => MappedLayerTile;
}

export function searchTables(model: LayerTileModel, length: number): SearchTables {
  const placement = emptyPlacement(model, length);
  const energy = new EnergyModel(model);
  const layout = layoutOf(model);
  const latency = new LatencyModel(model, layout);
  return {
    operands: model.operands.map(({ average, operand, isOutput, irrelevant, relevant }) => ({
      contents: average.contents,
      bits: operand.bits,
      partialBits: isOutput ? operand.psumBits : operand.bits,
      irrelevant,
      relevant,
    })),
    memories: layout.memories.map((memory) => beside(memory, model.problem)),
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
    latencyBound: (tables, closable) => new LatencyBound(model, latency, tables, closable),
    result: () => describe(model, placement, energy.score(placement), energy, latency.score(placement)),
  };
}

/** The layout is shared by tiles beside whatever other data. */
const beside = (memory: MemoryTable, { takenBits }: LayerTileProblem): MemoryTable =>
  takenBits === undefined ? memory : { ...memory, roomBits: memory.roomBits - takenBits[memory.index]! };

/** Brings a split given by `below` to its final form. */
export function settle({ operands }: LayerTileModel, { order, below, content }: Placement): void {
  for (let op = 0; op < operands.length; op++) {
    mergeDown(operands[op]!, order, below[op]!);
    walk(operands[op]!.average.contents, order, below[op]!, content[op]!);
  }
}
