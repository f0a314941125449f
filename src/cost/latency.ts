/** Latency of a placement in its four parts (cost-model.md 6.7). */
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { LayerLatency } from '../ir/cost.js';
import { doubleBuffering } from './double-buffer.js';
import { edgesOf, offloadCycles, onloadCycles, type Edges } from './edges.js';
import { emptyLinkCycles, linksOf, setLinkCycles, type Link, type LinkCycles } from './links.js';
import type { LayerTileModel } from './model.js';
import type { Placement } from './placement.js';
import { linksByPort, stallCycles } from './stalls.js';

/** Links and routes of a layer tile. Few sets of open levels occur on an accelerator, and all tiles with one share these. */
interface Layout {
  readonly links: readonly Link[];
  readonly ports: readonly (readonly number[])[];
  readonly edges: Edges;
}

const layouts = new WeakMap<Accelerator, Map<string, Layout>>();

function layoutOf(model: LayerTileModel): Layout {
  const { hw, profile, operands } = model;
  const levels = operands.map(({ operand }) => `${operand.name}${operand.path}${operand.levels.join('.')}`);
  const key = `${profile.offloadSharing} ${levels.join(' ')}`;
  const known = layouts.get(hw) ?? new Map<string, Layout>();
  layouts.set(hw, known);
  const found = known.get(key);
  if (found) return found;
  const links = linksOf(model);
  const layout = { links, ports: linksByPort(links), edges: edgesOf(model, links) };
  known.set(key, layout);
  return layout;
}

export class LatencyModel {
  readonly links: readonly Link[];
  /** Indices of the links that share a port. */
  readonly ports: readonly (readonly number[])[];
  readonly edges: Edges;
  private readonly cycles: LinkCycles;

  constructor(private readonly model: LayerTileModel) {
    const { links, ports, edges } = layoutOf(model);
    this.links = links;
    this.ports = ports;
    this.edges = edges;
    this.cycles = emptyLinkCycles(links);
  }

  score(placement: Placement): LayerLatency {
    const { model, links, cycles } = this;
    setLinkCycles(model, links, placement, doubleBuffering(model, placement), cycles);
    return this.ofLinks(cycles, placement.outer[0]!);
  }

  /** `iterations`: temporal loop iterations of the tile. */
  ofLinks(cycles: LinkCycles, iterations: number): LayerLatency {
    const { model, edges } = this;
    return {
      compute: iterations * model.problem.passes,
      stall: this.stall(cycles),
      onload: onloadCycles(edges, cycles, model.profile.onloadHalf),
      offload: offloadCycles(edges, cycles),
    };
  }

  /** Every pass over the inputs stalls; the output is written in the last one only. */
  private stall(cycles: LinkCycles): number {
    const { model, links, ports } = this;
    const last = stallCycles(ports, cycles, () => true);
    const { passes } = model.problem;
    if (passes === 1) return last;
    const isInput = (link: number): boolean => !model.operands[links[link]!.operand]!.isOutput;
    return last + (passes - 1) * stallCycles(ports, cycles, isInput);
  }
}

/** The cycles a profile counts. */
export const countedCycles = (
  { compute, stall, onload, offload }: LayerLatency,
  { offloadCounted }: Pick<Profile, 'offloadCounted'>,
): number => compute + stall + onload + (offloadCounted ? offload : 0);
