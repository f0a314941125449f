/** Sizes in the allocs facet held against the tiles and layers they follow from: invariant DF5094 of allocs.ts. */
import type { LayerAllocation, StackAllocation, TypeAllocation } from '../alloc.js';
import type { Layer } from '../layer.js';
import type { LayerExtent, TiledStack, TileType } from '../tile.js';
import { each, NOTHING, sum, type Lookup } from './find.js';
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
  if (layer === undefined) return 0;
  const { inputs, weightBits } = layer;
  return inputs.reduce((bits, { path, sources }) => {
    if (path !== 'W') return bits;
    return (
      bits +
      sum(sources, ({ map: id, elementsPerPixel }) => {
        const map = lookup.map(id);
        return map === undefined ? 0 : elementsPerPixel * map.width * map.height * map.bits;
      })
    );
  }, weightBits);
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
  return each(type.layers, (allocation) => {
    const l = positions.get(allocation.layer) ?? -1;
    const [layer, x, y] = [lookup.layer(allocation.layer), column?.actual.layers[l], row?.actual.layers[l]];
    if (layer === undefined || x === undefined || y === undefined) return NOTHING;
    return wrongInLayer(lookup, layer, { x, y }, allocation, l === tiled.layers.length - 1, handOver);
  });
}

function wrongInLayer(
  lookup: Lookup,
  layer: Layer,
  { x, y }: { readonly x: LayerExtent; readonly y: LayerExtent },
  allocation: LayerAllocation,
  isSink: boolean,
  handOver: StackAllocation['handOver'],
): readonly string[] {
  const { layer: id, bits, top, handedOver = NONE } = allocation;
  const inputs = inputBits(lookup, layer, x, y);
  const expected = {
    W: stationaryBits(lookup, layer),
    I: sum(inputs, (input) => input.bits),
    O: outputBits(lookup, layer, x, y),
  };
  const inPlace = handOver === undefined ? NONE : inPlaceBits(isSink, allocation, inputs, handOver);
  const faults: string[] = [];
  for (const operand of ['W', 'I', 'O'] as const)
    if (bits[operand] !== expected[operand])
      faults.push(`${id}.${operand} has ${bits[operand]} bit, its tile has ${expected[operand]} bit`);
  for (const operand of ['I', 'O'] as const)
    if (handedOver[operand] !== inPlace[operand])
      faults.push(`${id}.${operand} has ${handedOver[operand]} bit in place, ${inPlace[operand]} lie there`);
  const weights = layer.inputs.some(({ path }) => path === 'W') === (top.W !== null);
  if (!weights || top.I === null || top.O === null)
    faults.push(`${id} has levels for operands it has not, or lacks some`);
  return faults;
}

const NONE = { I: 0, O: 0 } as const;

/** Of each map on the input path, as far as the tile reads it. */
function inputBits(
  lookup: Lookup,
  { inputs }: Layer,
  x: LayerExtent,
  y: LayerExtent,
): readonly { readonly map: string; readonly bits: number }[] {
  const read: { readonly map: string; readonly bits: number }[] = [];
  inputs.forEach(({ path, sources }, i) => {
    if (path === 'W') return;
    sources.forEach(({ map, elementsPerPixel }, s) => {
      const [columns, rows] = [x.inputs[i]?.[s]?.needed ?? 0, y.inputs[i]?.[s]?.needed ?? 0];
      read.push({ map, bits: elementsPerPixel * (lookup.map(map)?.bits ?? 0) * columns * rows });
    });
  });
  return read;
}

function outputBits(lookup: Lookup, { output }: Layer, x: LayerExtent, y: LayerExtent): number {
  const map = lookup.map(output.map);
  return map === undefined ? 0 : map.elementsPerPixel * map.bits * x.out * y.out;
}
