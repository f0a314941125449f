/**
 * Energy of a placement (cost-model.md 6.6): words per crossing times crossings, boundary by boundary. Multiplied and
 * added in the order of the published model, which tells orders of equal energy apart by the last bit.
 */
import { Crossing } from './crossing.js';
import type { LayerTileModel } from './model.js';
import { isPartial, type Placement } from './placement.js';

/** Positions of one level's numbers in `EnergyModel.details`. */
export const DETAIL = { readLow: 0, writeLow: 1, readHigh: 2, writeHigh: 3, energyPj: 4, size: 5 } as const;

/** Energy of placements of one layer tile. */
export class EnergyModel {
  readonly operationsPj: number;
  /** Per operand, `DETAIL.size` numbers per level: word accesses and energy of the placement last scored. */
  readonly details: readonly Float64Array[];
  /** Per operand and boundary: what finished and what unfinished data costs; inputs have one cost. */
  readonly crossings: readonly (readonly (readonly [Crossing, Crossing])[])[];

  private readonly accesses = new Float64Array(4);

  constructor(private readonly model: LayerTileModel) {
    const { loops, passes, operationEnergyPj } = model.problem;
    this.operationsPj = operationEnergyPj * (loops.reduce((product, { size }) => product * size, 1) * passes);
    this.crossings = model.operands.map((operand) =>
      operand.levels.map((_, a) => {
        const times = operand.isOutput ? 1 : passes;
        const finished = new Crossing(operand, a, false, times, model.rounding);
        return [
          finished,
          operand.isOutput ? new Crossing(operand, a, true, times, model.rounding) : finished,
        ];
      }),
    );
    this.details = model.operands.map(({ levels }) => new Float64Array(levels.length * DETAIL.size));
  }

  /** Total energy, pJ. Fills `details`. */
  score(placement: Placement): number {
    let energyPj = 0;
    const { operands } = this.model;
    for (let op = 0; op < operands.length; op++) {
      this.count(op, placement);
      const { memories } = operands[op]!;
      const details = this.details[op]!;
      for (let m = 0; m < memories.length; m++) {
        const at = m * DETAIL.size;
        const { read, write } = memories[m]!;
        const readPj =
          read.energyPj * details[at + DETAIL.readHigh]! + read.energyPj * details[at + DETAIL.readLow]!;
        const writePj =
          write.energyPj * details[at + DETAIL.writeHigh]! + write.energyPj * details[at + DETAIL.writeLow]!;
        details[at + DETAIL.energyPj] = readPj + writePj;
        energyPj += readPj + writePj;
      }
    }
    return energyPj + this.operationsPj;
  }

  /** Word accesses of an operand: words per crossing x crossings x parts x instances (x passes, for inputs). */
  private count(op: number, placement: Placement): void {
    const operand = this.model.operands[op]!;
    const details = this.details[op]!.fill(0);
    const below = placement.below[op]!;
    const content = placement.content[op]!;
    for (let a = 0; a < operand.memories.length; a++) {
      const crossing = this.crossings[op]![a]![isPartial(operand, placement, below, a) ? 1 : 0];
      const { accesses } = this;
      crossing.count(content[a]!, placement.outer[below[a]!]!, accesses);
      const low = a * DETAIL.size;
      details[low + DETAIL.readLow] = accesses[0]!;
      details[low + DETAIL.writeLow] = accesses[1]!;
      if (a === 0) continue;
      const high = low - DETAIL.size;
      details[high + DETAIL.readHigh] = accesses[2]!;
      details[high + DETAIL.writeHigh] = accesses[3]!;
    }
  }
}
