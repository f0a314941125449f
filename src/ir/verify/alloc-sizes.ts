/** Sizes in the allocs facet held against the tiles and layers they follow from: invariant DF5094 of allocs.ts. */
import type { LayerAllocation, StackAllocation, TypeAllocation } from '../alloc.js';
import type { Layer } from '../layer.js';
import type { LayerExtent, TiledStack, TileType } from '../tile.js';
import { sum, type Lookup } from './find.js';

/** Weights and activations on the weight path, which stay for the whole stack. */
export function wrongWeights(
  lookup: Lookup,
  { layers }: TiledStack,
  { weightBits }: StackAllocation,
): readonly string[] {
  const expected = sum(layers, (id) => stationaryBits(lookup, lookup.layer(id)));
  return weightBits === expected ? [] : [`${weightBits} bit of weights, its layers have ${expected} bit`];
}

function stationaryBits(lookup: Lookup, layer: Layer | undefined): number {
  const sources = (layer?.inputs ?? []).flatMap(({ path, sources: maps }) => (path === 'W' ? maps : []));
  return (
    (layer?.weightBits ?? 0) +
    sum(sources, ({ map: id, elementsPerPixel }) => {
      const map = lookup.map(id);
      return map === undefined ? 0 : elementsPerPixel * map.width * map.height * map.bits;
    })
  );
}

export function wrongSizes(
  lookup: Lookup,
  tiled: TiledStack,
  tile: TileType | undefined,
  type: TypeAllocation,
): readonly string[] {
  const [column, row] = [tiled.columns[tile?.column ?? -1], tiled.rows[tile?.row ?? -1]];
  return type.layers.flatMap(({ layer: id, bits, top }) => {
    const l = tiled.layers.indexOf(id);
    const [layer, x, y] = [lookup.layer(id), column?.actual.layers[l], row?.actual.layers[l]];
    if (layer === undefined || x === undefined || y === undefined) return [];
    const expected = expectedBits(lookup, layer, x, y);
    const wrong = (['W', 'I', 'O'] as const).filter((operand) => bits[operand] !== expected[operand]);
    const weights = layer.inputs.some(({ path }) => path === 'W') === (top.W !== null);
    return [
      ...wrong.map(
        (operand) => `${id}.${operand} has ${bits[operand]} bit, its tile has ${expected[operand]} bit`,
      ),
      ...(weights && top.I !== null && top.O !== null
        ? []
        : [`${id} has levels for operands it has not, or lacks some`]),
    ];
  });
}

function expectedBits(lookup: Lookup, layer: Layer, x: LayerExtent, y: LayerExtent): LayerAllocation['bits'] {
  const output = lookup.map(layer.output.map);
  const inputs = layer.inputs.flatMap(({ path, sources }, i) =>
    path === 'W'
      ? []
      : sources.map(({ map, elementsPerPixel }, s) => {
          const [columns, rows] = [x.inputs[i]?.[s]?.needed ?? 0, y.inputs[i]?.[s]?.needed ?? 0];
          return elementsPerPixel * (lookup.map(map)?.bits ?? 0) * columns * rows;
        }),
  );
  return {
    W: stationaryBits(lookup, layer),
    I: sum(inputs, (bits) => bits),
    O: output === undefined ? 0 : output.elementsPerPixel * output.bits * x.out * y.out,
  };
}
