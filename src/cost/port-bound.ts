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
    /** By link, how often its transfers take place: an input comes once per pass. */
    private readonly streams: readonly number[],
    edges: Edges,
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

  /**
   * `openCycles`: by link, cycles of all its transfers at least where its boundary is not placed yet, else NaN; such
   * links have in `cycles` what one transfer takes at least.
   */
  leastCycles(cycles: LinkCycles, openCycles: Float64Array): number {
    let least = 0;
    for (const port of this.ports) {
      let closed = this.hiddenCycles;
      for (const link of port)
        if (Number.isNaN(openCycles[link]!) && cycles.count[link]! > 0)
          closed += this.streams[link]! * cycles.real[link]! * (cycles.count[link]! - 1);
      let edge = Infinity;
      for (const sums of this.orders) {
        let more = 0;
        for (const hops of sums) more = Math.max(more, addedUp(hops, port, cycles, openCycles));
        edge = Math.min(edge, more);
      }
      least = Math.max(least, closed + edge);
    }
    return least;
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
