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
   * By link whose boundary is not placed yet, cycles of all its transfers at least; NaN: it is placed. Such links have
   * in `LinkCycles` what one transfer takes at least.
   */
  readonly openCycles: Float64Array;
}

/** Hops whose cycles are added up. */
type AddedHops = readonly Hop[];

export class PortBound {
  /** Onload is at least the lesser, over the two orders of inputs, of the greater of two sums. */
  private readonly orders: readonly (readonly AddedHops[])[];
  /** Cycles of hops of the output that overlap with the next. */
  private readonly hiddenCycles: number;

  constructor(
    { onloadHalf, offloadCounted }: Profile,
    private readonly ports: readonly (readonly number[])[],
    edges: Edges,
    /** By link, whether no other uses its port: then computing goes on during one period more. */
    private readonly alone: readonly boolean[],
  ) {
    const [first = [], second = []] = edges.onload.map((route) =>
      route.filter(({ sharing }) => sharing !== 'half' || onloadHalf === 'added'),
    );
    const both = (route: typeof first): typeof first => route.filter(({ sharing }) => sharing === 'both');
    const hidden = edges.offload.reduce((sum, hop) => sum + (hop.hidden ?? 0), 0);
    this.hiddenCycles = offloadCounted ? hidden : 0;
    const out = offloadCounted ? edges.offload.filter(({ hidden }) => hidden === undefined) : [];
    this.orders = [
      [
        [...both(first), ...second, ...out],
        [...first, ...out],
      ],
      [
        [...both(second), ...first, ...out],
        [...second, ...out],
      ],
    ];
  }

  leastCycles(cycles: LinkCycles, streams: Streams): number {
    let least = 0;
    for (const port of this.ports) {
      const closed = this.hiddenCycles + streams.extraCycles + this.closedCycles(port, cycles, streams);
      let edge = Infinity;
      for (const sums of this.orders) {
        let more = 0;
        for (const hops of sums) more = Math.max(more, addedUp(hops, port, cycles, streams.openCycles));
        edge = Math.min(edge, more);
      }
      least = Math.max(least, closed + edge);
    }
    return least;
  }

  /** All transfers but one of the links of a port that are placed. */
  private closedCycles(
    port: readonly number[],
    { real, count, period }: LinkCycles,
    { passes, openCycles }: Streams,
  ): number {
    let sum = 0;
    for (const link of port) {
      if (!Number.isNaN(openCycles[link]!) || count[link] === 0) continue;
      sum += passes[link]! * real[link]! * (count[link]! - 1);
      if (this.alone[link]) sum += period[link]!;
    }
    return sum;
  }
}

/** All transfers of the links of a port that are open, and one of everything else. */
function addedUp(
  hops: AddedHops,
  port: readonly number[],
  cycles: LinkCycles,
  openCycles: Float64Array,
): number {
  let sum = 0;
  for (const hop of hops) {
    const [a, b] = hop.ends;
    const open = isOpen(a, port, openCycles) ? a : isOpen(b, port, openCycles) ? b : -1;
    sum += open < 0 ? hopCycles(hop, cycles) : Math.max(openCycles[open]!, hopCycles(hop, cycles));
  }
  return sum;
}

const isOpen = (link: number, port: readonly number[], openCycles: Float64Array): boolean =>
  !Number.isNaN(openCycles[link]!) && port.includes(link);
