/**
 * The least latency by what must pass one port: every transfer but the first of an input, and but the last of the
 * output, takes its cycles while the array computes or waits, and that one counts with what cannot overlap. So where
 * that time is added up link by link, computing, waiting and the edges together last at least as long as all transfers
 * of these links through one port.
 *
 * With `real` cycles per transfer and `count` transfers, the stall of a port (stalls.ts) is at least the sum of
 * real (count - 1) over its links less the cycles of computing, since windows and what they leave open cancel; so it is
 * in every pass over the inputs.
 *
 * Hot core: one per search, asked for every partial mapping.
 */
import type { Profile } from '../base/profile.js';
import { hopCycles, type Edges, type Hop } from './edges.js';
import type { LinkCycles } from './links.js';

/** One way to count the passes over the inputs, each of which computes as long and streams as much. */
export interface Streams {
  /** Cycles counted for passes in which transfers are not. */
  readonly extraCycles: number;
  /** By link, passes in which its transfers are counted. */
  readonly passes: readonly number[];
  /**
   * By link whose boundary is not placed yet, cycles of all its transfers at least, or of all but one where the last is
   * hidden; NaN: it is placed. Such links have in `LinkCycles` what one transfer takes at least.
   */
  readonly openCycles: Float64Array;
}

/** Hops whose cycles are added up, by number. */
type AddedHops = Int32Array;

/** The links of one port, and per hop those of its ends that are among them; -1: none. */
interface Port {
  readonly links: readonly number[];
  readonly ends: Int32Array;
}

export class PortBound {
  private readonly hops: readonly Hop[];
  /** Onload is at least the lesser, over the two orders of inputs, of the greater of two sums. */
  private readonly orders: readonly (readonly AddedHops[])[];
  /** Cycles of hops of the output that overlap with the next. */
  private readonly hiddenCycles: number;
  /** What was enough last time mostly is the next time: that port comes first. */
  private readonly order: Port[];
  /** By hop, of what the boundaries hold just now. */
  private readonly hopCycles: Float64Array;

  constructor(
    { onloadHalf, offloadCounted }: Profile,
    ports: readonly (readonly number[])[],
    edges: Edges,
    /** By link, whether no other uses its port: then computing goes on during one period more. */
    private readonly alone: readonly boolean[],
    /** By link, whether its last transfer overlaps with the next hop. */
    private readonly hidden: readonly boolean[],
  ) {
    const [first = [], second = []] = edges.onload.map((route) =>
      route.filter(({ sharing }) => sharing !== 'half' || onloadHalf === 'added'),
    );
    const both = (route: typeof first): typeof first => route.filter(({ sharing }) => sharing === 'both');
    const hiddenCycles = edges.offload.reduce((sum, hop) => sum + (hop.hidden ?? 0), 0);
    this.hiddenCycles = offloadCounted ? hiddenCycles : 0;
    const out = offloadCounted ? edges.offload.filter(({ hidden }) => hidden === undefined) : [];
    const hops: readonly Hop[] = [...first, ...second, ...out];
    const added = (some: readonly Hop[]): AddedHops => Int32Array.from(some, (hop) => hops.indexOf(hop));
    this.orders = [
      [added([...both(first), ...second, ...out]), added([...first, ...out])],
      [added([...both(second), ...first, ...out]), added([...second, ...out])],
    ];
    this.hops = hops;
    this.hopCycles = new Float64Array(hops.length);
    this.order = ports.map((links) => ({
      links,
      ends: Int32Array.from(
        hops.flatMap(({ ends }) => ends),
        (end) => (links.includes(end) ? end : -1),
      ),
    }));
  }

  /** Not looked at more closely where that is `enoughCycles`. */
  leastCycles(cycles: LinkCycles, streams: Streams, enoughCycles: number): number {
    const { openCycles } = streams;
    for (let h = 0; h < this.hops.length; h++) this.hopCycles[h] = hopCycles(this.hops[h]!, cycles);
    let closedEdge: number | undefined;
    let least = 0;
    for (let i = 0; i < this.order.length; i++) {
      const port = this.order[i]!;
      const closed = this.hiddenCycles + streams.extraCycles + this.closedCycles(port, cycles, streams);
      const edge = hasOpen(port, openCycles)
        ? this.edgeCycles(port, openCycles)
        : (closedEdge ??= this.edgeCycles(undefined, openCycles));
      least = Math.max(least, closed + edge);
      if (least < enoughCycles) continue;
      this.order.copyWithin(1, 0, i);
      this.order[0] = port;
      break;
    }
    return least;
  }

  /** All transfers but one of the links of a port that are placed, and of those whose last is hidden. */
  private closedCycles(
    { links }: Port,
    { real, count, period }: LinkCycles,
    { passes, openCycles }: Streams,
  ): number {
    let sum = 0;
    for (let i = 0; i < links.length; i++) {
      const link = links[i]!;
      if (!Number.isNaN(openCycles[link]!)) {
        if (this.hidden[link]) sum += openCycles[link]!;
        continue;
      }
      if (count[link] === 0) continue;
      sum += passes[link]! * real[link]! * (count[link]! - 1);
      if (this.alone[link]) sum += period[link]!;
    }
    return sum;
  }

  /** Onload and offload: all transfers of the open links of a port, if there are any, and one of everything else. */
  private edgeCycles(port: Port | undefined, openCycles: Float64Array): number {
    let edge = Infinity;
    for (let order = 0; order < this.orders.length; order++) {
      const sums = this.orders[order]!;
      let more = 0;
      for (let i = 0; i < sums.length; i++)
        more = Math.max(more, this.addedUp(sums[i]!, port?.ends, openCycles));
      edge = Math.min(edge, more);
    }
    return edge;
  }

  private addedUp(hops: AddedHops, ends: Int32Array | undefined, openCycles: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < hops.length; i++) {
      const h = hops[i]!;
      const cycles = this.hopCycles[h]!;
      const open = ends === undefined ? NaN : openOf(ends[2 * h]!, ends[2 * h + 1]!, openCycles);
      sum += open > cycles ? open : cycles;
    }
    return sum;
  }
}

/** All transfers of the open link among the ends of a hop; NaN: there is none. */
function openOf(a: number, b: number, openCycles: Float64Array): number {
  const first = a < 0 ? NaN : openCycles[a]!;
  return Number.isNaN(first) && b >= 0 ? openCycles[b]! : first;
}

function hasOpen({ links }: Port, openCycles: Float64Array): boolean {
  for (let i = 0; i < links.length; i++) if (!Number.isNaN(openCycles[links[i]!]!)) return true;
  return false;
}
