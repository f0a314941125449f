/**
 * The contract between passes: one module that accretes named facets, in this order.
 * Everything here is immutable plain data, so the JSON dump is the identity function.
 */
import type { AllocationPlan } from './alloc.js';
import type { CostSheet } from './cost.js';
import type { Workload } from './layer.js';
import type { Provenance } from './provenance.js';
import type { StackPlan } from './stack.js';
import type { Graph, Shapes } from './tensor.js';
import type { TilePlan } from './tile.js';

export interface Facets {
  /** ONNX as read: nodes, tensors, attributes, places. */
  graph: Graph;
  /** Per tensor: shape, type, integer value where known. */
  shapes: Shapes;
  /** Loop nests, operands, regions, post-operations, aliases. */
  layers: Workload;
  /** Every decision: cuts, and per stack the tile, mode and hand-over level. */
  stacks: StackPlan;
  /** Consequence: grid, tile types, regions, overlaps. */
  tiles: TilePlan;
  /** Consequence: memory levels, caches, copies. */
  allocs: AllocationPlan;
  /** Consequence: mappings, energy, latency, accesses. */
  costs: CostSheet;
}

export const FACETS = ['graph', 'shapes', 'layers', 'stacks', 'tiles', 'allocs', 'costs'] as const;
export type Facet = (typeof FACETS)[number];
export type IR<F extends Facet> = { readonly name: string } & Readonly<Pick<Facets, F>>;
/** A module between passes: whatever facets it has, and how they were made, where that is known. */
export type PartialIR = { readonly name: string; readonly made?: Provenance } & Readonly<Partial<Facets>>;

/** Facets that become stale when M is made again: all that come later. */
export type After<M extends Facet, L extends readonly Facet[] = typeof FACETS> = L extends readonly [
  infer H extends Facet,
  ...infer T extends readonly Facet[],
]
  ? H extends M
    ? T[number]
    : After<M, T>
  : never;

/** Facets present after a step that makes M. */
export type Step<S extends Facet, M extends Facet> = Exclude<S, After<M>> | M;
