/**
 * The least latency of any mapping that closes some boundaries at given contents: the model of latency.ts with what is
 * not decided yet taken at its best, or what must pass a port (port-bound.ts). Closed boundaries have their whole period
 * for a transfer (a shorter window never makes a port wait less); boundaries still open move at least what is inside
 * already, and do not stall.
 *
 * Hot core: one per search, updated boundary by boundary.
 */
import { ContentTable } from './content-table.js';
import { countedCycles, type LatencyModel } from './latency.js';
import type { BoundaryTable, LatticeTables } from './lattice-tables.js';
import { emptyLinkCycles, isUsed, transferCycles, type Link, type LinkCycles } from './links.js';
import { elementBits, type LayerTileModel } from './model.js';
import { wholeUnrolls } from './nest.js';
import { PortBound } from './port-bound.js';

/** The transfers through one link. */
interface Transfers {
  readonly link: number;
  /** Cycles of one, by own state of the operand: of finished and of unfinished data. */
  readonly cycles: readonly [Float64Array, Float64Array];
  /** Whether it is used for finished and for unfinished data. */
  readonly used: readonly [boolean, boolean];
}

interface LinkTable extends Transfers {
  /** By own state: cycles of all transfers of this content or a larger one, at least. */
  readonly all: Float64Array;
}

export class LatencyBound {
  private readonly cycles: LinkCycles;
  /** By link, `LinkTable.all` while its boundary is open; NaN: it is closed. */
  private readonly openCycles: Float64Array;
  private readonly boundaries: readonly (readonly LinkTable[])[];
  private readonly portBound: PortBound;
  private readonly iterations: number;

  /** Boundaries between two memories are numbered as in the tables. */
  constructor(
    private readonly model: LayerTileModel,
    private readonly latency: LatencyModel,
    tables: LatticeTables,
  ) {
    const { links } = latency;
    this.iterations = tables.iterations.at(-1)!;
    this.cycles = emptyLinkCycles(links);
    this.openCycles = Float64Array.from(links, () => NaN);
    const streams = links.map(({ operand }) => this.streamsOf(operand));
    this.portBound = new PortBound(model.profile, latency.ports, streams, latency.edges);
    const contents = model.operands.map(
      ({ footprint, loops }) => new ContentTable(footprint, tables.lattice, loops.map(wholeUnrolls), false),
    );
    this.boundaries = tables.boundaries.map((boundary) =>
      links.flatMap((link, i) =>
        link.operand === boundary.operand && link.boundary === boundary.level + 1
          ? [this.tableOf(i, link, boundary, contents[link.operand]!)]
          : [],
      ),
    );
    links.forEach((link, i) => {
      if (link.boundary > 0) return;
      const { isOutput, reducesAbove } = model.operands[link.operand]!;
      const data = isOutput && (tables.reductionsLeft[0]! > 0 || reducesAbove[0] === true) ? 1 : 0;
      this.setLink(this.transfersOf(i, link, Float64Array.of(1)), 0, data, 1, this.iterations);
    });
  }

  /** A boundary is closed over a content: one transfer every `period` cycles. `data`: 1 for unfinished sums. */
  close(boundary: number, own: number, data: 0 | 1, period: number): void {
    for (const table of this.boundaries[boundary]!) {
      this.setLink(table, own, data, period, this.iterations / period);
      this.openCycles[table.link] = NaN;
    }
  }

  /** A boundary is open and holds this content at least. */
  open(boundary: number, own: number): void {
    for (const table of this.boundaries[boundary]!) {
      this.setLink(table, own, 0, this.iterations, 0);
      this.openCycles[table.link] = table.all[own]!;
    }
  }

  /** Cycles the profile counts, at least. */
  leastCycles(): number {
    return Math.max(
      countedCycles(this.latency.ofLinks(this.cycles, this.iterations), this.model.profile),
      this.portBound.leastCycles(this.cycles, this.openCycles),
    );
  }

  /** How often an operand is streamed. */
  private streamsOf(operand: number): number {
    return this.model.operands[operand]!.isOutput ? 1 : this.model.problem.passes;
  }

  private transfersOf(link: number, of: Link, elements: Float64Array): Transfers {
    const { isOutput, reducesAbove } = this.model.operands[of.operand]!;
    // Under a loop over the array that sums, data is unfinished whatever the temporal loops.
    const always = isOutput && reducesAbove[of.boundary] === true;
    const cycles = (partial: boolean): Float64Array =>
      elements.map((held) => transferCycles(this.model, of, held, partial));
    return {
      link,
      cycles: [cycles(always), cycles(true)],
      used: [isUsed(this.model, of, always), isUsed(this.model, of, true)],
    };
  }

  private tableOf(i: number, link: Link, boundary: BoundaryTable, contents: ContentTable): LinkTable {
    const operand = this.model.operands[link.operand]!;
    const { elements } = contents.values(link.boundary, this.model.rounding.elements).average;
    const transfers = this.transfersOf(i, link, elements);
    if (!transfers.used[0]) return { ...transfers, all: elements.map(() => 0) };
    const bits = elementBits(operand, operand.isOutput && operand.reducesAbove[link.boundary] === true);
    const { sizeBits } = operand.memories[boundary.level]!;
    const inside = contents.iterations();
    const most = inside.at(-1)!;
    const streams = this.streamsOf(link.operand);
    // A content comes as often as the loops outside change it, at least: loops that do not are best inside.
    const all = transfers.cycles[0].map((real, own) =>
      boundary.elements[own]! * bits > sizeBits ? Infinity : real * (streams * (most / inside[own]! - 1) + 1),
    );
    return { ...transfers, all: contents.leastFrom(all) };
  }

  private setLink(
    { link, cycles, used }: Transfers,
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
