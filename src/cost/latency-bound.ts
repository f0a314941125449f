/**
 * The least latency of any mapping that closes some boundaries at given contents: the model of latency.ts with what is
 * not decided yet taken at its best, or what must pass a port (port-bound.ts). Closed boundaries have their whole period
 * for a transfer (a shorter window never makes a port wait less); boundaries still open move at least what is inside
 * already, and do not stall. Those known to lie inside some loops carry data anew at least with every iteration of these.
 *
 * Hot core: one per search, updated boundary by boundary.
 */
import { known } from '../base/assert.js';
import { ContentTable } from './content-table.js';
import type { LatencyModel } from './latency.js';
import type { BoundaryTable, LatticeTables, OperandLattice } from './lattice-tables.js';
import { emptyLinkCycles, isUsed, transferCycles, type Link, type LinkCycles } from './links.js';
import { latticeOver, leastFrom, leastUpTo, onlyAt, placesFor, productOverLoops } from './lattice.js';
import { elementBits, type LayerTileModel } from './model.js';
import { PortBound, type Streams } from './port-bound.js';

/** The transfers through one link. */
interface Transfers {
  readonly link: number;
  /** Cycles of one, by own state of the operand: of finished and of unfinished data. */
  readonly cycles: readonly [Float64Array, Float64Array];
  /** Whether it is used for finished and for unfinished data. */
  readonly used: readonly [boolean, boolean];
}

interface LinkTable extends Transfers {
  /** By own state: cycles of one transfer of this content or a larger one, at least. */
  readonly open: Float64Array;
  /** By way to count passes and by own state: cycles of all transfers of this content or a larger one, at least. */
  readonly all: readonly Float64Array[];
}

export class LatencyBound {
  private readonly cycles: LinkCycles;
  private readonly streams: readonly Streams[];
  private readonly boundaries: readonly (readonly LinkTable[])[];
  private readonly portBound: PortBound;
  private readonly iterations: number;
  /** By boundary, by own state: 1 where it may lie. */
  private readonly places: readonly Uint8Array[];
  /** By boundary, as far as asked for, by link and by way to count passes: by state of the tile, cycles of all transfers
   *  at least if it closes over no more loops. */
  private readonly within: (readonly (readonly Float64Array[])[] | undefined)[] = [];
  /** By link, whether no other uses its port. */
  private readonly alone: readonly boolean[];
  /** By link, whether its last transfer overlaps with the next hop (edges.ts), so that only the others take time. */
  private readonly hidden: readonly boolean[];
  /**
   * By own state of the output, what the last hop counts for one transfer. It carries as much as any hidden one, through
   * other ports: hidden transfers may not be counted, but what they leave out at their ports is made up for.
   */
  private readonly lastHop: Float64Array | undefined;

  /**
   * Boundaries between two memories are numbered as in the tables. `closable`: per boundary, by state, 1 where it may lie
   * in a mapping of interest; absent: wherever there is room.
   */
  constructor(
    private readonly model: LayerTileModel,
    private readonly latency: LatencyModel,
    private readonly tables: LatticeTables,
    private readonly closable?: readonly Uint8Array[],
  ) {
    const { links } = latency;
    this.iterations = tables.iterations.at(-1)!;
    this.cycles = emptyLinkCycles(links);
    this.streams = streamsOf(model, links, this.iterations);
    this.alone = aloneOnPort(model, latency, tables.reductionsLeft[0]! > 0);
    const { offload } = latency.edges;
    this.hidden = links.map((_, i) =>
      offload.some((hop) => hop.hidden !== undefined && hop.ends.includes(i)),
    );
    this.portBound = new PortBound(model.profile, latency.ports, latency.edges, this.alone, this.hidden);
    const contents = model.operands.map(
      ({ footprint, busiest }) =>
        new ContentTable(
          footprint,
          latticeOver(tables.lattice, footprint.dims).lattice,
          busiest.loops,
          false,
          model.rounding.elements,
        ),
    );
    this.places = tables.boundaries.map((boundary, j) =>
      closable ? ownPlaces(tables.operands[boundary.operand]!, closable[j]!) : this.withRoom(boundary),
    );
    this.lastHop = this.lastHopCycles(contents);
    this.boundaries = tables.boundaries.map((boundary, j) =>
      links.flatMap((link, i) =>
        link.operand === boundary.operand && link.boundary === boundary.level + 1
          ? [this.tableOf(i, link, j, contents[link.operand]!)]
          : [],
      ),
    );
    links.forEach((link, i) => {
      if (link.boundary > 0) return;
      const { isOutput, reducesAbove, single } = model.operands[link.operand]!;
      const data = isOutput && (tables.reductionsLeft[0]! > 0 || reducesAbove[0] === true) ? 1 : 0;
      const { cycles, used } = this.transfersOf(i, link, Float64Array.of(single));
      this.setLink(i, cycles[data][0]!, 1, used[data] ? this.iterations : 0);
    });
  }

  /** A boundary is closed over a content: one transfer every `period` cycles. `data`: 1 for unfinished sums. */
  close(boundary: number, own: number, data: 0 | 1, period: number): void {
    const tables = this.boundaries[boundary]!;
    for (let i = 0; i < tables.length; i++) {
      const { link, cycles, used } = tables[i]!;
      this.setLink(link, cycles[data][own]!, period, used[data] ? this.iterations / period : 0);
      for (let k = 0; k < this.streams.length; k++) this.streams[k]!.openCycles[link] = NaN;
    }
  }

  /** A boundary is open and holds this content at least. */
  open(boundary: number, own: number): void {
    const tables = this.boundaries[boundary]!;
    for (let i = 0; i < tables.length; i++) {
      const { link, open, all } = tables[i]!;
      this.setLink(link, open[own]!, this.iterations, 0);
      for (let k = 0; k < all.length; k++) this.streams[k]!.openCycles[link] = all[k]![own]!;
    }
  }

  /** An input's boundary is closed, over no more loops than this state of the tile has inside. */
  closeWithin(boundary: number, state: number): void {
    const tables = this.boundaries[boundary]!;
    const within = (this.within[boundary] ??= this.allWithin(boundary));
    for (let i = 0; i < tables.length; i++) {
      const { link, open } = tables[i]!;
      const all = within[i]!;
      this.setLink(link, open[0]!, this.iterations, 0);
      for (let k = 0; k < all.length; k++) this.streams[k]!.openCycles[link] = all[k]![state]!;
    }
  }

  /** Whether a boundary may lie at a state of the tile. */
  mayLie(boundary: number, state: number): boolean {
    const { operands, boundaries } = this.tables;
    const { own } = operands[boundaries[boundary]!.operand]!;
    return (this.closable?.[boundary]![state] ?? this.places[boundary]![own[state]!]!) === 1;
  }

  /** No mapping takes less. */
  leastCyclesOfAll(): number {
    const { boundaries, operands } = this.tables;
    boundaries.forEach(({ operand }, j) => this.open(j, operands[operand]!.own[0]!));
    return this.leastCycles();
  }

  /** Cycles the profile counts, at least; not looked at more closely where that is `enoughCycles`. */
  leastCycles(enoughCycles = Infinity): number {
    let least = 0;
    for (let k = 0; k < this.streams.length && least < enoughCycles; k++)
      least = Math.max(least, this.portBound.leastCycles(this.cycles, this.streams[k]!, enoughCycles));
    if (least >= enoughCycles) return least;
    return Math.max(least, this.latency.countedOfLinks(this.cycles, this.iterations));
  }

  /** By own state, 1 where the level below a boundary has room for its data. */
  private withRoom({ operand, level, elements }: BoundaryTable): Uint8Array {
    const model = this.model.operands[operand]!;
    // Room is counted by temporal loops alone (cost-model.md 6.4): sums that only the array leaves unfinished take less.
    const bits = Math.min(elementBits(model, false), elementBits(model, true));
    const taken = this.model.problem.takenBits?.[model.levels[level]!] ?? 0;
    return placesFor(elements, bits, model.memories[level]!.sizeBits - taken);
  }

  /**
   * One transfer of the last hop of the output, by own state, with this content or a larger one, at least: the slower
   * end decides.
   */
  private lastHopCycles(contents: readonly ContentTable[]): Float64Array | undefined {
    const { links, edges } = this.latency;
    const { offloadCounted, offloadSharing } = this.model.profile;
    // Hops that share a port with the next are not hidden only where they are serialised.
    if (!offloadCounted || offloadSharing !== 'serialised' || !this.hidden.includes(true)) return undefined;
    const last = this.tables.boundaries.findLastIndex(({ operand }) => operand === 0);
    const [one, other] = known(edges.offload.at(-1), 'last hop').ends.map((end) => {
      const link = known(links[end], 'link');
      const content = known(contents[link.operand], 'operand');
      const { cycles } = this.transfersOf(end, link, content.values(link.boundary).average.elements);
      return this.oneFrom(last, content, cycles[0]);
    });
    return known(one, 'end').map((real, own) => Math.max(real, known(other, 'end')[own]!));
  }

  /** By own state, the least of one transfer of this content or a larger one. */
  private oneFrom(boundary: number, { own }: ContentTable, cycles: Float64Array): Float64Array {
    // Larger ones take longer: only that some are of no interest makes a difference.
    return this.closable ? leastFrom(own, onlyAt(cycles, this.places[boundary]!)) : cycles;
  }

  private transfersOf(link: number, of: Link, elements: Float64Array): Transfers {
    const { isOutput, reducesAbove } = this.model.operands[of.operand]!;
    // Under a loop over the array that sums, data is unfinished whatever the temporal loops.
    const always = isOutput && reducesAbove[of.boundary] === true;
    const cycles = (partial: boolean): Float64Array => {
      const real = new Float64Array(elements.length);
      for (let own = 0; own < real.length; own++)
        real[own] = transferCycles(this.model, of, elements[own]!, partial);
      return real;
    };
    const finished = cycles(always);
    return {
      link,
      cycles: [finished, isOutput && !always ? cycles(true) : finished],
      used: [isUsed(this.model, of, always), isUsed(this.model, of, true)],
    };
  }

  private tableOf(i: number, link: Link, boundary: number, contents: ContentTable): LinkTable {
    const places = this.places[boundary]!;
    const { elements } = contents.values(link.boundary).average;
    const transfers = this.transfersOf(i, link, elements);
    const [finished] = transfers.cycles;
    const open = this.oneFrom(boundary, contents, finished);
    if (!transfers.used[0]) return { ...transfers, open, all: this.streams.map(() => elements.map(() => 0)) };
    const inside = productOverLoops(contents.own);
    const most = inside[inside.length - 1]!;
    const isHidden = this.hidden[i] === true;
    const lastHop = isHidden ? this.lastHop : undefined;
    const all = this.streams.map(({ passes }) => {
      const values = new Float64Array(inside.length).fill(Infinity);
      for (let own = 0; own < values.length; own++) {
        if (places[own] === 0) continue;
        // A content comes as often as the loops outside change it, at least: loops that do not are best inside.
        const counted = passes[i]! * (most / inside[own]! - 1) + (isHidden ? 0 : 1);
        values[own] = finished[own]! * counted + (this.alone[i] ? inside[own]! : 0) + (lastHop?.[own] ?? 0);
      }
      const least = leastFrom(contents.own, values);
      // The last hop counts one transfer of what is inside already.
      return lastHop ? least.map((sum, own) => (sum < Infinity ? sum - lastHop[own]! : sum)) : least;
    });
    return { ...transfers, open, all };
  }

  private allWithin(boundary: number): readonly (readonly Float64Array[])[] {
    const { lattice, iterations, operands, boundaries } = this.tables;
    const { own } = operands[boundaries[boundary]!.operand]!;
    return this.boundaries[boundary]!.map(({ link, cycles: [cycles] }) =>
      this.streams.map(({ passes }) => {
        const values = iterations.map((inside, state) => {
          if (!this.mayLie(boundary, state)) return Infinity;
          const counted = passes[link]! * (this.iterations / inside - 1) + 1;
          return cycles[own[state]!]! * counted + (this.alone[link] ? inside : 0);
        });
        return leastUpTo(lattice, values);
      }),
    );
  }

  private setLink(link: number, real: number, period: number, count: number): void {
    this.cycles.real[link] = real;
    this.cycles.allowed[link] = period;
    this.cycles.period[link] = period;
    this.cycles.count[link] = count;
  }
}

/** Passes over the inputs of a layer that makes several: the first ones compute, or all of them stream. */
function streamsOf(
  { operands, problem }: LayerTileModel,
  links: readonly Link[],
  iterations: number,
): Streams[] {
  const { passes } = problem;
  const openCycles = (): Float64Array => Float64Array.from(links, () => NaN);
  const once = {
    extraCycles: iterations * (passes - 1),
    passes: links.map(() => 1),
    openCycles: openCycles(),
  };
  if (passes === 1) return [once];
  const every = links.map(({ operand }) => (operands[operand]!.isOutput ? 1 : passes));
  return [once, { extraCycles: 0, passes: every, openCycles: openCycles() }];
}

/** By link, whether no other may use its port; `reduces`: sums may travel unfinished. */
function aloneOnPort(
  model: LayerTileModel,
  { links, ports }: LatencyModel,
  reduces: boolean,
): readonly boolean[] {
  const mayBeUsed = (i: number): boolean => {
    const { operand, boundary } = links[i]!;
    const { isOutput, reducesAbove } = model.operands[operand]!;
    return isUsed(model, links[i]!, isOutput && (reduces || reducesAbove[boundary] === true));
  };
  return links.map((_, i) => ports.some((port) => port.includes(i) && port.filter(mayBeUsed).length === 1));
}

/** By own state: 1 where a boundary may lie in some state of the tile. */
function ownPlaces({ own, size }: OperandLattice, closable: Uint8Array): Uint8Array {
  const places = new Uint8Array(size);
  for (let state = 0; state < closable.length; state++) places[own[state]!]! |= closable[state]!;
  return places;
}
