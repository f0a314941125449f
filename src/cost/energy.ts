/**
 * Word accesses and energy (cost-model.md 6.5, 6.6). Data crosses boundary `a` of an operand, between memory `a-1`
 * and memory `a`, once per content of the level below. What one crossing costs depends on that content alone and is
 * tabulated; scoring a placement only multiplies and adds, in the order of the published model, which tells orders
 * of equal energy apart by the last bit.
 */
import type { AccessSide } from '../hw/memory.js';
import { enlarged } from './contents.js';
import { elementBits, type LayerTileModel, type OperandModel } from './model.js';
import { isPartial, type Placement } from './placement.js';
import type { Rounding } from './rounding.js';

/** Positions in the table row of one crossing: words per part of a transfer, and the number of equal parts. */
const READ_HIGH = 0; // read from the memory below, upwards
const WRITE_HIGH = 1; // written to the memory below, from above
const READ_LOW = 2; // read from the memory above, downwards
const READ_LOW_PARTS = 3;
const WRITE_LOW = 4; // written to the memory above, from below
const WRITE_LOW_PARTS = 5;
const ROW = 6;

/** Crossings of one operand, filled in as contents are met. */
class CrossingTable {
  values = new Float64Array(0);

  constructor(
    private readonly model: OperandModel,
    private readonly rounding: Rounding,
  ) {}

  /** Offset in `values` of the crossing of boundary `a` by `content`; `partial`: unfinished sums of the output. */
  row(a: number, content: number, partial: boolean): number {
    const offset = ((content * this.model.levels.length + a) * 2 + Number(partial)) * ROW;
    if (offset >= this.values.length) this.grow(offset);
    if (Number.isNaN(this.values[offset]!)) this.fill(offset, a, content, partial);
    return offset;
  }

  private fill(offset: number, a: number, content: number, partial: boolean): void {
    const { memories, isOutput, average } = this.model;
    const row = this.values.subarray(offset, offset + ROW).fill(0);
    const bits = elementBits(this.model, partial);
    const held = average.contents.elements[content]!;
    if (held === 0 || bits === 0) return;
    const up = isOutput;
    const down = !isOutput || partial;
    const below = memories[a - 1];
    const above = memories[a]!;
    if (below && up) row[READ_HIGH] = this.words(below.read, held * bits);
    if (below && down) row[WRITE_HIGH] = this.words(below.write, held * bits);
    const { distinct, perCycle } = average.fanOut;
    // What the instances below take or give together in one cycle.
    const bandwidth = (side: AccessSide | undefined): number | undefined =>
      side && side.bits * (distinct[a]! / distinct[a + 1]!);
    const amount = held * perCycle[a]!;
    if (down) row.set(this.parts(above.read, amount, bits, bandwidth(below?.write)), READ_LOW);
    if (up) row.set(this.parts(above.write, amount, bits, bandwidth(below?.read)), WRITE_LOW);
  }

  /** Words of `bits` in one burst: whole units of the access granularity. */
  private words({ bits: width, granularityBits }: AccessSide, bits: number): number {
    return this.rounding.ceil(bits / granularityBits) * (granularityBits / width);
  }

  /** Words per part, and parts, of a transfer split into cycles by the narrower side; the array takes all at once. */
  private parts(
    side: AccessSide,
    amount: number,
    bits: number,
    otherBandwidth: number | undefined,
  ): readonly [number, number] {
    if (otherBandwidth === undefined) return [this.words(side, amount * bits), 1];
    const part = Math.min(otherBandwidth / bits, side.bits / bits, amount);
    return [this.words(side, part * bits), this.rounding.ceil(amount / part)];
  }

  private grow(offset: number): void {
    const before = this.values.length;
    this.values = enlarged(this.values, Math.max(2 * before, offset + 64 * ROW));
    this.values.fill(NaN, before);
  }
}

/** Positions of one level's numbers in `EnergyModel.details`. */
export const DETAIL = { readLow: 0, writeLow: 1, readHigh: 2, writeHigh: 3, energyPj: 4, size: 5 } as const;

/** Energy of placements of one layer tile. */
export class EnergyModel {
  readonly operationsPj: number;
  /** Per operand, `DETAIL.size` numbers per level: word accesses and energy of the placement last scored. */
  readonly details: readonly Float64Array[];
  private readonly crossings: readonly CrossingTable[];

  constructor(private readonly model: LayerTileModel) {
    const { loops, passes, operationEnergyPj } = model.problem;
    this.operationsPj = operationEnergyPj * (loops.reduce((product, { size }) => product * size, 1) * passes);
    this.crossings = model.operands.map((operand) => new CrossingTable(operand, model.rounding));
    this.details = model.operands.map(({ levels }) => new Float64Array(levels.length * DETAIL.size));
  }

  /** Total energy, pJ. Fills `details`. */
  score(placement: Placement): number {
    let energyPj = 0;
    for (let op = 0; op < this.crossings.length; op++) {
      this.count(op, placement);
      const { memories } = this.model.operands[op]!;
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
    const { instances } = operand.average.fanOut;
    const table = this.crossings[op]!;
    const details = this.details[op]!.fill(0);
    const below = placement.below[op]!;
    const content = placement.content[op]!;
    const passes = operand.isOutput ? 1 : this.model.problem.passes;
    for (let a = 0; a < operand.memories.length; a++) {
      const row = table.row(a, content[a]!, isPartial(operand, placement, below, a));
      const { values } = table;
      const crossings = placement.outer[below[a]!]!;
      const low = a * DETAIL.size;
      const above = instances[a + 1]! * passes;
      details[low + DETAIL.readLow] =
        values[row + READ_LOW]! * crossings * values[row + READ_LOW_PARTS]! * above;
      details[low + DETAIL.writeLow] =
        values[row + WRITE_LOW]! * crossings * values[row + WRITE_LOW_PARTS]! * above;
      if (a === 0) continue;
      const high = low - DETAIL.size;
      const here = instances[a]! * passes;
      details[high + DETAIL.readHigh] = values[row + READ_HIGH]! * crossings * here;
      details[high + DETAIL.writeHigh] = values[row + WRITE_HIGH]! * crossings * here;
    }
  }
}
