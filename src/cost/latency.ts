/** Latency of a placement in its four parts (cost-model.md 6.7). */
import type { Profile } from '../base/profile.js';
import type { LayerLatency } from '../ir/cost.js';
import { doubleBuffering } from './double-buffer.js';
import { offloadCycles, onloadCycles, type Edges } from './edges.js';
import type { Layout } from './layout.js';
import { emptyLinkCycles, setLinkCycles, type Link, type LinkCycles } from './links.js';
import type { LayerTileModel } from './model.js';
import type { Placement } from './placement.js';
import { stallCycles } from './stalls.js';

export class LatencyModel {
  readonly links: readonly Link[];
  /** Indices of the links that share a port. */
  readonly ports: readonly (readonly number[])[];
  readonly edges: Edges;
  private readonly cycles: LinkCycles;
  /** By link, whether it carries an input. */
  private readonly inputs: Uint8Array;

  constructor(
    private readonly model: LayerTileModel,
    { links, ports, edges }: Layout,
  ) {
    this.links = links;
    this.ports = ports;
    this.edges = edges;
    this.cycles = emptyLinkCycles(links);
    this.inputs = Uint8Array.from(links, ({ operand }) => (model.operands[operand]!.isOutput ? 0 : 1));
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

  /** Of these, the cycles that the profile counts; no object is made, since searches ask for every partial mapping. */
  countedOfLinks(cycles: LinkCycles, iterations: number): number {
    const { problem, profile } = this.model;
    const inTime =
      iterations * problem.passes + this.stall(cycles) + onloadCycles(this.edges, cycles, profile.onloadHalf);
    return profile.offloadCounted ? inTime + offloadCycles(this.edges, cycles) : inTime;
  }

  /** Every pass over the inputs stalls; the output is written in the last one only. */
  private stall(cycles: LinkCycles): number {
    const last = stallCycles(this.ports, cycles);
    const { passes } = this.model.problem;
    return passes === 1 ? last : last + (passes - 1) * stallCycles(this.ports, cycles, this.inputs);
  }
}

/** The cycles a profile counts. */
export const countedCycles = (
  { compute, stall, onload, offload }: LayerLatency,
  { offloadCounted }: Pick<Profile, 'offloadCounted'>,
): number => compute + stall + onload + (offloadCounted ? offload : 0);
