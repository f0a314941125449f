/**
 * What it costs when data of one operand crosses a boundary once (cost-model.md 6.5, 6.6): words read and written at
 * the memories on both sides. Boundary `a` lies between memory `a-1` and memory `a`; the amount is the content of the
 * level below it.
 *
 * Hot core: `take` runs for every content of every level, hence a class that leaves its numbers in fields.
 */
import type { AccessSide, Memory } from '../hw/memory.js';
import { elementBits, type OperandModel } from './model.js';
import type { Rounding } from './rounding.js';

export class Crossing {
  /** Words per instance below: read from it upwards, written to it from above. */
  readHigh = 0;
  writeHigh = 0;
  /** Words per part of a transfer at the memory above, read downwards and written from below, and number of parts. */
  readLow = 0;
  readLowParts = 0;
  writeLow = 0;
  writeLowParts = 0;
  /** Instances of the memory below and of the one above. */
  readonly here: number;
  readonly above: number;
  private readonly bits: number;
  private readonly up: boolean;
  private readonly down: boolean;
  private readonly lower: Memory | undefined;
  private readonly upper: Memory;
  private readonly perCycle: number;
  /** What the instances below take or give together in one cycle; Infinity: the array takes all at once. */
  private readonly takesBits: number;
  private readonly givesBits: number;

  /** `partial`: unfinished sums of the output; `passes`: how often the operand is streamed. */
  constructor(
    operand: OperandModel,
    a: number,
    partial: boolean,
    passes: number,
    private readonly rounding: Rounding,
  ) {
    const { distinct, instances, perCycle } = operand.average.fanOut;
    this.bits = elementBits(operand, partial);
    this.up = operand.isOutput;
    this.down = !operand.isOutput || partial;
    this.lower = operand.memories[a - 1];
    this.upper = operand.memories[a]!;
    this.perCycle = perCycle[a]!;
    this.here = instances[a]! * passes;
    this.above = instances[a + 1]! * passes;
    const spread = distinct[a]! / distinct[a + 1]!;
    this.takesBits = this.lower ? this.lower.write.bits * spread : Infinity;
    this.givesBits = this.lower ? this.lower.read.bits * spread : Infinity;
  }

  /** Fills the fields for a content of `held` elements. */
  take(held: number): void {
    const { bits, lower, upper } = this;
    this.readHigh =
      this.writeHigh =
      this.readLow =
      this.readLowParts =
      this.writeLow =
      this.writeLowParts =
        0;
    if (held === 0 || bits === 0) return;
    if (lower && this.up) this.readHigh = this.words(lower.read, held * bits);
    if (lower && this.down) this.writeHigh = this.words(lower.write, held * bits);
    const amount = held * this.perCycle;
    if (this.down) {
      const part = this.part(upper.read, amount, this.takesBits);
      this.readLow = this.words(upper.read, part * bits);
      this.readLowParts = part === amount ? 1 : this.rounding.ceil(amount / part);
    }
    if (this.up) {
      const part = this.part(upper.write, amount, this.givesBits);
      this.writeLow = this.words(upper.write, part * bits);
      this.writeLowParts = part === amount ? 1 : this.rounding.ceil(amount / part);
    }
  }

  /**
   * Word accesses of all crossings, instances and passes: read and written at the memory above, read and written at the
   * one below. Energy is made of these, so equal ones cost the same to the last bit.
   */
  count(held: number, crossings: number, accesses: Float64Array): void {
    this.take(held);
    accesses[0] = this.readLow * crossings * this.readLowParts * this.above;
    accesses[1] = this.writeLow * crossings * this.writeLowParts * this.above;
    accesses[2] = this.readHigh * crossings * this.here;
    accesses[3] = this.writeHigh * crossings * this.here;
  }

  /** Energy of one crossing, pJ, all instances together. */
  energyPj(held: number): number {
    this.take(held);
    const { lower, upper } = this;
    const low =
      upper.read.energyPj * this.readLow * this.readLowParts +
      upper.write.energyPj * this.writeLow * this.writeLowParts;
    if (lower === undefined) return low * this.above;
    const high = lower.read.energyPj * this.readHigh + lower.write.energyPj * this.writeHigh;
    return low * this.above + high * this.here;
  }

  /** Words of `bits` in one burst: whole units of the access granularity. */
  private words({ bits: width, granularityBits }: AccessSide, bits: number): number {
    return this.rounding.ceil(bits / granularityBits) * (granularityBits / width);
  }

  /** Elements moved in one cycle: the narrower side decides; the array takes all at once. */
  private part(side: AccessSide, amount: number, otherBits: number): number {
    if (otherBits === Infinity) return amount;
    return Math.min(otherBits / this.bits, side.bits / this.bits, amount);
  }
}
