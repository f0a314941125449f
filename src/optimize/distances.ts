/** Cheapest costs between the nodes of a graph without cycles: worked out at once, or kept up while costs rise. */
import { assert, known } from '../base/assert.js';

/** Nodes are numbers, in an order in which every edge leads forwards. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

export interface Graph<E extends Edge> {
  readonly nodes: number;
  /** By `from`, ascending. */
  readonly edges: readonly E[];
}

/** Cheapest costs from the first node to every node, and the last edge there (index; -1: none): of several, the first. */
export interface Distances {
  readonly cost: Float64Array;
  readonly via: Int32Array;
}

export function distances<E extends Edge>(
  { nodes, edges }: Graph<E>,
  costOf: (edge: E) => number,
): Distances {
  const cost = new Float64Array(nodes).fill(Infinity);
  const via = new Int32Array(nodes).fill(-1);
  cost[0] = 0;
  for (let e = 0; e < edges.length; e++) {
    const edge = edges[e]!;
    const before = cost[edge.from]!;
    if (before === Infinity) continue;
    const sum = before + costOf(edge);
    if (sum < cost[edge.to]!) {
      cost[edge.to] = sum;
      via[edge.to] = e;
    }
  }
  return { cost, via };
}

/** Cheapest costs from every node to the last one. */
export function distancesToEnd<E extends Edge>(
  { nodes, edges }: Graph<E>,
  costOf: (edge: E) => number,
): Float64Array {
  const cost = new Float64Array(nodes).fill(Infinity);
  cost[nodes - 1] = 0;
  for (let e = edges.length - 1; e >= 0; e--) {
    const edge = edges[e]!;
    const sum = costOf(edge) + cost[edge.to]!;
    if (sum < cost[edge.from]!) cost[edge.from] = sum;
  }
  return cost;
}

/** The edges (indices) of the cheapest way to the last node. */
export function pathTo<E extends Edge>({ nodes, edges }: Graph<E>, via: Int32Array): readonly number[] {
  const path: number[] = [];
  for (let node = nodes - 1; node > 0;) {
    const e = known(via[node], 'node');
    const { from } = known(edges[e], 'edge');
    assert(from < node, 'edges lead forwards');
    path.push(e);
    node = from;
  }
  return path.reverse();
}

/**
 * Distances kept up while costs of edges rise: only what was reached over an edge that has become dearer is worked out
 * again. Invariant: equal to `distances` of the present costs.
 */
export class RisingDistances<E extends Edge> {
  private readonly costs: Float64Array;
  private readonly known: Distances;
  /** Edges by their last node, those of node n from `first[n]` on; and by their first node, as they are. */
  private readonly into: Int32Array;
  /** And the nodes these come from. */
  private readonly sources: Int32Array;
  private readonly firstInto: Int32Array;
  private readonly firstFrom: Int32Array;
  private readonly stale: Uint8Array;
  private firstStale: number;
  private staleNodes = 0;

  constructor(
    private readonly graph: Graph<E>,
    private readonly costOf: (edge: E) => number,
  ) {
    const { nodes, edges } = graph;
    this.costs = Float64Array.from(edges, costOf);
    this.known = distances(graph, costOf);
    this.firstInto = firsts(nodes, edges, ({ to }) => to);
    this.firstFrom = firsts(nodes, edges, ({ from }) => from);
    this.into = new Int32Array(edges.length);
    const next = this.firstInto.slice();
    edges.forEach(({ to }, e) => (this.into[next[to]!++] = e));
    this.sources = this.into.map((e) => known(edges[e], 'edge').from);
    this.stale = new Uint8Array(nodes);
    this.firstStale = nodes;
  }

  /** Takes note that an edge has become dearer. */
  raise(e: number): void {
    const edge = known(this.graph.edges[e], 'edge');
    this.costs[e] = Math.max(this.costs[e]!, this.costOf(edge));
    if (this.known.via[edge.to] === e) this.markStale(edge.to);
  }

  /** Cost of the cheapest way to the last node. */
  toEnd(): number {
    this.update();
    return known(this.known.cost[this.graph.nodes - 1], 'end');
  }

  path(): readonly number[] {
    this.update();
    return pathTo(this.graph, this.known.via);
  }

  private markStale(node: number): void {
    if (this.stale[node] === 1) return;
    this.stale[node] = 1;
    this.staleNodes++;
    this.firstStale = Math.min(this.firstStale, node);
  }

  private update(): void {
    const { nodes, edges } = this.graph;
    const { cost, via } = this.known;
    for (let node = this.firstStale; this.staleNodes > 0; node++) {
      if (this.stale[node] === 0) continue;
      this.stale[node] = 0;
      this.staleNodes--;
      const before = cost[node]!;
      this.reach(node);
      if (cost[node] === before) continue;
      for (let e = this.firstFrom[node]!; e < this.firstFrom[node + 1]!; e++) {
        const { to } = edges[e]!;
        if (via[to] === e) this.markStale(to);
      }
    }
    this.firstStale = nodes;
  }

  /** Cheapest cost of a node from those before it. */
  private reach(node: number): void {
    const { cost, via } = this.known;
    cost[node] = Infinity;
    via[node] = -1;
    for (let i = this.firstInto[node]!; i < this.firstInto[node + 1]!; i++) {
      const e = this.into[i]!;
      const sum = cost[this.sources[i]!]! + this.costs[e]!;
      if (sum < cost[node]) {
        cost[node] = sum;
        via[node] = e;
      }
    }
  }
}

/** Per node, where its edges begin in a list by node; and the end. */
function firsts<E extends Edge>(nodes: number, edges: readonly E[], nodeOf: (edge: E) => number): Int32Array {
  const first = new Int32Array(nodes + 1);
  for (const edge of edges) first[nodeOf(edge) + 1]!++;
  for (let node = 0; node < nodes; node++) first[node + 1]! += first[node]!;
  return first;
}
