/**
 * The least latency of any mapping that closes some boundaries at given contents: the model of latency.ts with what is
 * not decided yet taken at its best. Closed boundaries have their whole period for a transfer (a shorter window never
 * makes a port wait less); boundaries still open move at least what is inside already, and do not stall.
 *
 * Hot core: one per search, updated boundary by boundary.
 */
import { ContentTable } from './content-table.js';
import { countedCycles, type LatencyModel } from './latency.js';
import type { Lattice } from './lattice.js';
import { emptyLinkCycles, isUsed, transferCycles, type Link, type LinkCycles } from './links.js';
import type { LayerTileModel } from './model.js';
import { wholeUnrolls } from './nest.js';

/** Cycles of one transfer through one link, by own state of its operand: of finished and of unfinished data. */
interface LinkTable {
  readonly link: number;
  readonly cycles: readonly [Float64Array, Float64Array];
  /** Whether it is used for finished and for unfinished data. */
  readonly used: readonly [boolean, boolean];
}

export class LatencyBound {
  private readonly cycles: LinkCycles;
  private readonly boundaries: readonly (readonly LinkTable[])[];

  /** Boundaries between two memories are numbered as in `LatticeTables.boundaries`. */
  constructor(
    private readonly model: LayerTileModel,
    private readonly latency: LatencyModel,
    lattice: Lattice,
    private readonly iterations: number,
    startsUnfinished: boolean,
  ) {
    const { links } = latency;
    this.cycles = emptyLinkCycles(links);
    this.boundaries = model.operands.flatMap(({ footprint, loops, levels }, op) => {
      const contents = new ContentTable(footprint, lattice, loops.map(wholeUnrolls), false);
      return levels.slice(1).map((_, level) => {
        const { elements } = contents.values(level + 1, model.rounding.elements).average;
        const own = links.flatMap((link, i) =>
          link.operand === op && link.boundary === level + 1 ? [i] : [],
        );
        return own.map((i) => this.table(i, links[i]!, elements));
      });
    });
    links.forEach((link, i) => {
      if (link.boundary > 0) return;
      const { isOutput, reducesAbove } = model.operands[link.operand]!;
      const data = isOutput && (startsUnfinished || reducesAbove[0] === true) ? 1 : 0;
      this.setLink(this.table(i, link, Float64Array.of(1)), 0, data, 1, iterations);
    });
  }

  /** A boundary is closed over a content: one transfer every `period` cycles. `data`: 1 for unfinished sums. */
  close(boundary: number, own: number, data: 0 | 1, period: number): void {
    for (const table of this.boundaries[boundary]!)
      this.setLink(table, own, data, period, this.iterations / period);
  }

  /** A boundary is open and holds this content at least. */
  open(boundary: number, own: number): void {
    for (const table of this.boundaries[boundary]!) this.setLink(table, own, 0, this.iterations, 0);
  }

  /** Cycles the profile counts, at least. */
  leastCycles(): number {
    return countedCycles(this.latency.ofLinks(this.cycles, this.iterations), this.model.profile);
  }

  private table(i: number, link: Link, elements: Float64Array): LinkTable {
    const { isOutput, reducesAbove } = this.model.operands[link.operand]!;
    // Under a loop over the array that sums, data is unfinished whatever the temporal loops.
    const always = isOutput && reducesAbove[link.boundary] === true;
    const cycles = (partial: boolean): Float64Array =>
      elements.map((held) => transferCycles(this.model, link, held, partial));
    return {
      link: i,
      cycles: [cycles(always), cycles(true)],
      used: [isUsed(this.model, link, always), isUsed(this.model, link, true)],
    };
  }

  private setLink(
    { link, cycles, used }: LinkTable,
    own: number,
    data: 0 | 1,
    period: number,
    count: number,
  ): void {
    this.cycles.real[link] = cycles[data][own]!;
    this.cycles.allowed[link] = period;
    this.cycles.period[link] = period;
    this.cycles.count[link] = used[data] ? count : 0;
  }
}
