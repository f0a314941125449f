/**
 * How far the maps of a stack lag behind its output, as published: a depth-first walk visits a layer once per path to
 * it, last operand first, with the lag known when it was put aside; a later visit overwrites what an earlier one
 * recorded. There may be a path for every subset of the branches, so visits are not walked through: of each layer the
 * last one counts, and what that one found recorded follows from visits before it.
 */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import { isStationary, sourceOf, type StackGraph, type Use } from './stack-graph.js';

/** How a use delays its map: its lag is `stride` times that of its layer, and `shift` more. */
export interface Delay {
  readonly stride: number;
  readonly shift: number;
}

/** What a layer streams, in the order of its operands. */
export const streamedUses = (graph: StackGraph, l: number): readonly Use[] =>
  known(structureOf(graph).uses[l], 'layer');

/** Per layer and use, the lag that is left on record; undefined: the layer is never visited. */
export function recordedLags(
  graph: StackGraph,
  delays: readonly (readonly Delay[])[],
): readonly (readonly (number | undefined)[])[] {
  const walk = new Walk(structureOf(graph), delays);
  const last = graph.layers.map((): Visit | undefined => undefined);
  // From the sink up: what a visit needs to know was asked before.
  for (let l = graph.sink; l >= 0; l--) last[l] = walk.lastOf(l, graph.sink, last);
  return last.map((visit, l) =>
    known(delays[l], 'layer').map((_, u) => (visit ? walk.recorded(visit, u) : undefined)),
  );
}

/** The nth streamed use of a layer. */
interface Reader {
  readonly layer: number;
  readonly use: number;
}

interface Structure {
  readonly uses: readonly (readonly Use[])[];
  /** Per layer and use: the layer that makes the map; -1: it comes from outside. */
  readonly makers: readonly (readonly number[])[];
  /** Per layer and use: all uses of the same map. */
  readonly readers: readonly (readonly (readonly Reader[])[])[];
  /** Per layer: all uses of what it makes. */
  readonly readersOf: readonly (readonly Reader[])[];
  /** Per layer: the layers that it needs, itself included. */
  readonly needs: readonly Uint8Array[];
}

const structureOf = perObject((graph: StackGraph): Structure => {
  const uses = graph.layers.map((layer, l) =>
    layer.inputs.flatMap((operand, input) =>
      isStationary(layer, input) ? [] : operand.sources.map((_, source) => ({ layer: l, input, source })),
    ),
  );
  const mapOf = (use: Use): number => known(graph.mapIndex.get(sourceOf(graph, use).map), 'source map');
  const readersOfMap = graph.maps.map((): Reader[] => []);
  uses.forEach((own, layer) => own.forEach((use, u) => readersOfMap[mapOf(use)]?.push({ layer, use: u })));
  const makers = uses.map((own) => own.map((use) => known(graph.maps[mapOf(use)], 'map').producer ?? -1));
  const needs: Uint8Array[] = [];
  makers.forEach((own, l) => {
    const all = new Uint8Array(graph.layers.length);
    all[l] = 1;
    for (const maker of own) needs[maker]?.forEach((bit, i) => (all[i]! |= bit));
    needs.push(all);
  });
  const readers = uses.map((own) => own.map((use) => known(readersOfMap[mapOf(use)], 'readers')));
  const readersOf = graph.outputOf.map((m) => known(readersOfMap[m], 'readers'));
  return { uses, makers, readers, readersOf, needs };
});

/** A path from the sink: the layer it comes to, over a use of the one before. */
interface Visit {
  readonly layer: number;
  readonly before: Visit | undefined;
  readonly use: number;
  readonly next: Visit[];
  lag: number | undefined;
}

class Walk {
  private readonly root: Visit;

  constructor(
    private readonly structure: Structure,
    private readonly delays: readonly (readonly Delay[])[],
  ) {
    const sink = delays.length - 1;
    this.root = { layer: sink, before: undefined, use: 0, next: [], lag: 0 };
  }

  /** The last visit of a layer, if there is any; `last`: those of the layers behind it, up to the sink. */
  lastOf(layer: number, sink: number, last: readonly (Visit | undefined)[]): Visit | undefined {
    if (layer === sink) return this.root;
    const [reader, ...others] = known(this.structure.readersOf[layer], 'readers');
    if (reader === undefined) return undefined;
    const visit = others.length === 0 ? last[reader.layer] : this.root;
    if (!visit || !this.needs(sink, layer)) return undefined;
    return others.length === 0 ? this.nextOf(visit, reader.use) : this.lastWithin(visit, layer);
  }

  /** What a visit puts on record for a use of its layer. */
  recorded(visit: Visit, use: number): number {
    const { stride, shift } = known(this.delays[visit.layer]?.[use], 'delay');
    return stride * this.lagOf(visit) + shift;
  }

  /** The largest lag on record for a map when its maker is put aside. */
  private lagOf(visit: Visit): number {
    if (visit.lag !== undefined) return visit.lag;
    const parent = known(visit.before, 'a visit before it');
    let lag = -Infinity;
    for (const { layer, use } of known(this.structure.readers[parent.layer]?.[visit.use], 'readers')) {
      const isNow = layer === parent.layer && use <= visit.use;
      const reader = isNow ? parent : this.lastBefore(parent, layer);
      if (reader) lag = Math.max(lag, this.recorded(reader, use));
    }
    return (visit.lag = lag);
  }

  /** The last visit of a layer that begins before a given one. */
  private lastBefore(visit: Visit, layer: number): Visit | undefined {
    for (let at = visit; at.before; at = at.before) {
      const parent = at.before;
      const makers = known(this.structure.makers[parent.layer], 'layer');
      // Later operands were visited before.
      for (let use = at.use + 1; use < makers.length; use++)
        if (this.needs(makers[use]!, layer)) return this.lastWithin(this.nextOf(parent, use), layer);
      if (parent.layer === layer) return parent;
    }
    return undefined;
  }

  /** The last visit of a layer that follows from a given one, which needs it. */
  private lastWithin(visit: Visit, layer: number): Visit {
    let at = visit;
    while (at.layer !== layer) {
      const makers = known(this.structure.makers[at.layer], 'layer');
      at = this.nextOf(
        at,
        makers.findIndex((maker) => this.needs(maker, layer)),
      );
    }
    return at;
  }

  private needs(maker: number, layer: number): boolean {
    return this.structure.needs[maker]?.[layer] === 1;
  }

  private nextOf(visit: Visit, use: number): Visit {
    const layer = known(this.structure.makers[visit.layer]?.[use], 'maker');
    return (visit.next[use] ??= { layer, before: visit, use, next: [], lag: undefined });
  }
}
