/** Sizes in the allocs facet held against the tiles and layers they follow from: invariant DF5094 of allocs.ts. */
import type { StackAllocation, TypeAllocation } from '../alloc.js';
import type { Layer } from '../layer.js';
import type { LayerExtent, TiledStack, TileType } from '../tile.js';
import { sum, type Lookup } from './find.js';
import { inPlaceBits } from './hand-over.js';

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
  { handOver }: StackAllocation,
): readonly string[] {
  const [column, row] = [tiled.columns[tile?.column ?? -1], tiled.rows[tile?.row ?? -1]];
  const positions = new Map(tiled.layers.map((id, l) => [id, l]));
  return type.layers.flatMap((allocation) => {
    const { layer: id, bits, top, handedOver = { I: 0, O: 0 } } = allocation;
    const l = positions.get(id) ?? -1;
    const [layer, x, y] = [lookup.layer(id), column?.actual.layers[l], row?.actual.layers[l]];
    if (layer === undefined || x === undefined || y === undefined) return [];
    const inputs = inputBits(lookup, layer, x, y);
    const expected = {
      W: stationaryBits(lookup, layer),
      I: sum(inputs, (input) => input.bits),
      O: outputBits(lookup, layer, x, y),
    };
    const inPlace = inPlaceBits(id === tiled.layers.at(-1), allocation, inputs, handOver);
    const wrong = (['W', 'I', 'O'] as const).filter((operand) => bits[operand] !== expected[operand]);
    const weights = layer.inputs.some(({ path }) => path === 'W') === (top.W !== null);
    return [
      ...wrong.map(
        (operand) => `${id}.${operand} has ${bits[operand]} bit, its tile has ${expected[operand]} bit`,
      ),
      ...(['I', 'O'] as const)
        .filter((operand) => handedOver[operand] !== inPlace[operand])
        .map(
          (operand) =>
            `${id}.${operand} has ${handedOver[operand]} bit in place, ${inPlace[operand]} lie there`,
        ),
      ...(weights && top.I !== null && top.O !== null
        ? []
        : [`${id} has levels for operands it has not, or lacks some`]),
    ];
  });
}

/** Of each map on the input path, as far as the tile reads it. */
const inputBits = (
  lookup: Lookup,
  { inputs }: Layer,
  x: LayerExtent,
  y: LayerExtent,
): readonly { readonly map: string; readonly bits: number }[] =>
  inputs.flatMap(({ path, sources }, i) =>
    path === 'W'
      ? []
      : sources.map(({ map, elementsPerPixel }, s) => {
          const [columns, rows] = [x.inputs[i]?.[s]?.needed ?? 0, y.inputs[i]?.[s]?.needed ?? 0];
          return { map, bits: elementsPerPixel * (lookup.map(map)?.bits ?? 0) * columns * rows };
        }),
  );

function outputBits(lookup: Lookup, { output }: Layer, x: LayerExtent, y: LayerExtent): number {
  const map = lookup.map(output.map);
  return map === undefined ? 0 : map.elementsPerPixel * map.bits * x.out * y.out;
}
