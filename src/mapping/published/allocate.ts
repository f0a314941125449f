/**
 * Greedy split of a loop order over the memory levels (cost-model.md 6.4), from the array upwards: every memory
 * takes loops from the inside out for each operand it holds, so that the data still to be fetched above it, loops
 * left times size, is least. Invariant: no memory holds more than its size, but for the published exception (Q21),
 * and every level holds as many loops as its bounds say, where a split is given in whole or in part.
 *
 * Hot core: runs once per order, hence a class with its working arrays.
 */
import type { MemoryTable } from '../../cost/layout.js';
import type { SearchTables } from '../../cost/tables.js';
import type { Shortage } from '../room.js';
import type { SplitBounds } from '../split-bounds.js';

/** Numbers of loops that one holder of the memory at hand may take: 0 to `count-1`. */
interface Candidates {
  count: number;
  /** First one that may be chosen: the least that is wanted here; a top level takes all it can. */
  first: number;
  readonly bits: Float64Array;
  /** Data still to be fetched from above. */
  readonly traffic: Float64Array;
  pick: number;
  bestPick: number;
}

export class LoopAllocator {
  /** Why orders failed so far: the least excess; undefined if none failed. */
  shortage: Shortage | undefined;
  private readonly loops: number;
  /** Per operand: loops taken so far, and the content they amount to at the level at hand. */
  private readonly taken: Int32Array;
  private readonly held: readonly Float64Array[];
  private readonly candidates: readonly Candidates[];
  private bestTraffic = Infinity;
  private readonly bounds: readonly SplitBounds[];

  /** `bounds`: per operand; absent: any split will do. */
  constructor(
    private readonly tables: SearchTables,
    bounds?: readonly SplitBounds[],
  ) {
    this.loops = tables.placement.order.length;
    this.bounds = bounds ?? tables.placement.below.map(({ length }) => unbounded(length));
    this.taken = new Int32Array(tables.operands.length);
    this.held = tables.operands.map(({ contents }) => contents.newCopy());
    this.candidates = tables.operands.map(() => ({
      count: 0,
      first: 0,
      bits: new Float64Array(this.loops + 1),
      traffic: new Float64Array(this.loops + 1),
      pick: 0,
      bestPick: 0,
    }));
  }

  /** Writes the split of `placement.order` to `placement.below`; false if it does not fit. */
  allocate(): boolean {
    const { operands, memories } = this.tables;
    for (let op = 0; op < operands.length; op++) {
      this.taken[op] = 0;
      const { contents } = operands[op]!;
      contents.reset();
      contents.spread(0);
      contents.save(this.held[op]!);
    }
    for (const memory of memories) if (!this.fill(memory)) return false;
    return true;
  }

  private fill(memory: MemoryTable): boolean {
    const { holders } = memory;
    for (let h = 0; h < holders.length; h++) if (!this.collect(memory, h)) return false;
    this.bestTraffic = Infinity;
    this.choose(memory, 0, 0, 0);
    if (this.bestTraffic === Infinity && !this.acceptOverfull(memory)) return false;
    for (let h = 0; h < holders.length; h++) if (!this.take(memory, h)) return false;
    return true;
  }

  /** Lists what holder `h` may take as long as it fits on its own. */
  private collect(memory: MemoryTable, h: number): boolean {
    const { operand, level, isTop } = memory.holders[h]!;
    const { contents } = this.tables.operands[operand]!;
    const { order, outer } = this.tables.placement;
    const most = Math.min(this.loops, this.bounds[operand]!.most[level]!);
    const candidates = this.candidates[h]!;
    const width = this.widthOf(operand);
    const taken = this.taken[operand]!;
    contents.restore(this.held[operand]!);
    let count = 0;
    for (;;) {
      const bits = contents.wholeElements() * width;
      if (bits > memory.roomBits) break;
      candidates.bits[count] = bits;
      candidates.traffic[count] = isTop ? 0 : outer[taken + count]! * bits;
      count++;
      if (taken + count > most) break;
      contents.step(order[taken + count - 1]!);
    }
    candidates.count = count;
    const wanted = Math.max(0, this.bounds[operand]!.least[level]! - taken);
    candidates.first = isTop ? count - 1 : wanted;
    if (count > 0 && count > candidates.first) return true;
    for (; count < wanted; count++) contents.step(order[taken + count]!);
    this.fail(memory, operand, contents.wholeElements() * width);
    return false;
  }

  /** The combination of least traffic that fits; of equal ones the last, the first holder counting most. */
  private choose(memory: MemoryTable, h: number, usedBits: number, traffic: number): void {
    const { holders, roomBits } = memory;
    const candidates = this.candidates[h]!;
    for (let pick = candidates.first; pick < candidates.count; pick++) {
      const bits = usedBits + candidates.bits[pick]!;
      if (bits > roomBits) continue;
      const sum = traffic + candidates.traffic[pick]!;
      candidates.pick = pick;
      if (h + 1 < holders.length) this.choose(memory, h + 1, bits, sum);
      else if (sum <= this.bestTraffic) {
        this.bestTraffic = sum;
        for (let i = 0; i <= h; i++) this.candidates[i]!.bestPick = this.candidates[i]!.pick;
      }
    }
  }

  /** Nothing fits together: as published, take nothing and go on where the memory is somebody's lowest level. */
  private acceptOverfull(memory: MemoryTable): boolean {
    const { holders } = memory;
    if (
      this.tables.overfull === 'unnoticed-at-lowest' &&
      holders.some(({ level }) => level === 0) &&
      holders.every((_, h) => this.staysEmpty(memory, h))
    ) {
      for (let h = 0; h < holders.length; h++) this.candidates[h]!.bestPick = 0;
      return true;
    }
    let least = 0;
    let largest = 0;
    for (let h = 0; h < holders.length; h++) {
      least += this.leastBits(h);
      if (this.leastBits(h) > this.leastBits(largest)) largest = h;
    }
    this.fail(memory, holders[largest]!.operand, least);
    return false;
  }

  /** Whether the loops that holder `h` must take, if any, add nothing to what it holds without them. */
  private staysEmpty(memory: MemoryTable, h: number): boolean {
    const { bits, first } = this.candidates[h]!;
    return memory.holders[h]!.isTop || bits[first] === bits[0];
  }

  private take(memory: MemoryTable, h: number): boolean {
    const { operand, level, isTop } = memory.holders[h]!;
    const taken = this.taken[operand]! + this.candidates[h]!.bestPick;
    if (isTop && taken < this.loops) {
      this.fail(memory, operand, this.demandOfAll(memory, h));
      return false;
    }
    const { contents } = this.tables.operands[operand]!;
    const { order } = this.tables.placement;
    contents.restore(this.held[operand]!);
    for (let i = this.taken[operand]!; i < taken; i++) contents.step(order[i]!);
    contents.spread(level + 1);
    contents.save(this.held[operand]!);
    this.taken[operand] = taken;
    this.tables.placement.below[operand]![level + 1] = taken;
    return true;
  }

  /** Bits per element at the memory at hand: sums that loops not yet placed add to are unfinished. */
  private widthOf(operand: number): number {
    const { bits, partialBits } = this.tables.operands[operand]!;
    return this.tables.placement.reduces[this.taken[operand]!] === 1 ? partialBits : bits;
  }

  /** What a top level would need for all remaining loops of holder `h`, beside the least of the others. */
  private demandOfAll(memory: MemoryTable, h: number): number {
    const { operand } = memory.holders[h]!;
    const { contents } = this.tables.operands[operand]!;
    contents.restore(this.held[operand]!);
    for (let i = this.taken[operand]!; i < this.loops; i++) contents.step(this.tables.placement.order[i]!);
    const others = memory.holders.reduce((sum, _, i) => (i === h ? sum : sum + this.leastBits(i)), 0);
    return contents.wholeElements() * this.widthOf(operand) + others;
  }

  private leastBits(h: number): number {
    const { bits, first } = this.candidates[h]!;
    return bits[first]!;
  }

  private fail(memory: MemoryTable, operand: number, demandBits: number): void {
    const boundBits = memory.roomBits;
    const closest = this.shortage;
    if (closest && closest.demandBits / closest.boundBits <= demandBits / boundBits) return;
    this.shortage = { memory: memory.index, operand, demandBits, boundBits };
  }
}

const unbounded = (levels: number): SplitBounds => ({
  least: Array.from({ length: levels }, () => 0),
  most: Array.from({ length: levels }, () => Infinity),
});
