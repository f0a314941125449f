/** What uses of maps along one axis come to, looked up once per stack: who reads what, and by which region. */
import { known } from '../base/assert.js';
import { perObject } from '../base/bounded-map.js';
import type { Axis, FeatureMap, Region } from '../ir/layer.js';
import { isStationary, sourceOf, type StackGraph, type Use } from './stack-graph.js';

/** A use that streams its map. */
export interface Link {
  readonly use: Use;
  /** Positions of the map that is read, and of the one that its reader makes. */
  readonly map: number;
  readonly output: number;
  readonly region: Region;
  /** Of the map that is read. */
  readonly size: number;
}

export interface AxisLinks {
  /** Per layer what it streams, in the order of its operands. */
  readonly ofLayer: readonly (readonly Link[])[];
  /** Per map who streams it, in the order of layers. */
  readonly ofMap: readonly (readonly Link[])[];
}

export const mapSize = (map: FeatureMap, axis: Axis): number => (axis === 'x' ? map.width : map.height);

export const axisLinks = perObject((graph: StackGraph): Readonly<Record<Axis, AxisLinks>> => ({
  x: linksAlong(graph, 'x'),
  y: linksAlong(graph, 'y'),
}));

function linksAlong(graph: StackGraph, axis: Axis): AxisLinks {
  const ofMap = graph.maps.map((): Link[] => []);
  const ofLayer = graph.layers.map((layer, l) => {
    const own: Link[] = [];
    layer.inputs.forEach(({ sources }, input) => {
      if (isStationary(layer, input)) return;
      for (let source = 0; source < sources.length; source++) {
        const link = linkOf(graph, axis, { layer: l, input, source });
        own.push(link);
        known(ofMap[link.map], 'map').push(link);
      }
    });
    return own;
  });
  return { ofLayer, ofMap };
}

function linkOf(graph: StackGraph, axis: Axis, use: Use): Link {
  const source = sourceOf(graph, use);
  const map = known(graph.mapIndex.get(source.map), 'source map');
  const size = mapSize(known(graph.maps[map], 'map').map, axis);
  return { use, map, output: known(graph.outputOf[use.layer], 'output'), region: source[axis], size };
}

/** The link of a use. */
export const linkOfUse = (graph: StackGraph, axis: Axis, { layer, input, source }: Use): Link =>
  known(
    axisLinks(graph)[axis].ofLayer[layer]?.find(({ use }) => use.input === input && use.source === source),
    'use',
  );
