/** Sizes in the allocs facet held against the tiles and layers they follow from: invariant DF5094 of allocs.ts. */
import type { LayerAllocation, StackAllocation, TypeAllocation } from '../alloc.js';
import { keptWeightBits, wholeElements } from '../kept-weights.js';
import type { Layer } from '../layer.js';
import type { LayerExtent, TiledStack, TileType } from '../tile.js';
import { each, NOTHING, sum } from './find.js';
import type { Lookup } from '../lookup.js';
import { inPlaceBits } from './hand-over.js';

/** Weights that all tiles use and activations on the weight path, which stay for the whole stack. */
export function wrongWeights(
  lookup: Lookup,
  { layers }: TiledStack,
  { weightBits }: StackAllocation,
): readonly string[] {
  const expected = sum(layers, (id) => {
    const layer = lookup.layer(id);
    return layer === undefined ? 0 : keptWeightBits(layer) + mapBits(lookup, layer);
  });
  return weightBits === expected ? [] : [`${weightBits} bit of weights, its layers have ${expected} bit`];
}

/** Maps that a layer takes on the weight path. */
const mapBits = (lookup: Lookup, { inputs }: Layer): number =>
  sum(inputs, ({ path, sources }) => {
    if (path !== 'W') return 0;
    return sum(sources, (source) => {
      const map = lookup.map(source.map);
      return map === undefined ? 0 : wholeElements(source, map) * map.bits;
    });
  });

export function wrongSizes(
  lookup: Lookup,
  tiled: TiledStack,
  tile: TileType | undefined,
  type: TypeAllocation,
  { handOver }: StackAllocation,
): readonly string[] {
  const column = tiled.columns[tile?.column ?? -1];
  const row = tiled.rows[tile?.row ?? -1];
  // In the order of the stack, as another invariant has it, but for those that do not run.
  let next = 0;
  return each(type.layers, (allocation) => {
    const l = tiled.layers[next] === allocation.layer ? next : tiled.layers.indexOf(allocation.layer);
    next = l + 1;
    const layer = lookup.layer(allocation.layer);
    const x = column?.actual.layers[l];
    const y = row?.actual.layers[l];
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
  const inPlace = handOver === undefined ? NONE : inPlaceBits(isSink, allocation, inputs, handOver);
  let faults: string[] | undefined;
  const report = (fault: string): unknown => (faults ??= []).push(fault);
  const size = (operand: 'W' | 'I' | 'O', expected: number): void => {
    if (bits[operand] !== expected)
      report(`${id}.${operand} has ${bits[operand]} bit, its tile has ${expected} bit`);
  };
  size('W', layer.weightBits + mapBits(lookup, layer));
  size(
    'I',
    sum(inputs, (input) => input.bits),
  );
  size('O', outputBits(lookup, layer, x, y));
  const place = (operand: 'I' | 'O'): void => {
    if (handedOver[operand] !== inPlace[operand])
      report(`${id}.${operand} has ${handedOver[operand]} bit in place, ${inPlace[operand]} lie there`);
  };
  place('I');
  place('O');
  const weights = layer.inputs.some(({ path }) => path === 'W') === (top.W !== null);
  if (!weights || top.I === null || top.O === null)
    report(`${id} has levels for operands it has not, or lacks some`);
  return faults ?? NOTHING;
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
      const columns = x.inputs[i]?.[s]?.needed ?? 0;
      const rows = y.inputs[i]?.[s]?.needed ?? 0;
      read.push({ map, bits: elementsPerPixel * (lookup.map(map)?.bits ?? 0) * columns * rows });
    });
  });
  return read;
}

function outputBits(lookup: Lookup, { output }: Layer, x: LayerExtent, y: LayerExtent): number {
  const map = lookup.map(output.map);
  return map === undefined ? 0 : map.elementsPerPixel * map.bits * x.out * y.out;
}
