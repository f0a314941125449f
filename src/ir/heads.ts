/**
 * Tiles of heads: a stack all of whose layers keep heads apart is as many times the same stack with some of the heads
 * as there are parts, one after the other, each with its own slices of queries, keys and values. What is asked here is
 * whether the layers of a stack do, and how layers and maps of one part look. Derived, never stored in the IR.
 */
import { perObject } from '../base/bounded-map.js';
import type { LayerId, TensorId } from '../base/ids.js';
import type { FeatureMap, InputOperand, Layer, LoopDim, Workload } from './layer.js';
import type { TiledStack } from './tile.js';

/** `of` heads in parts of `tile`; `tile` divides `of`. */
export interface HeadTile {
  readonly tile: number;
  readonly of: number;
}

/** Why the heads of a stack cannot be taken in parts. */
export type HeadFault =
  /** The layer computes with elements of several heads. */
  | { readonly kind: 'mixes'; readonly layer: LayerId }
  /** A part of that size does not divide the heads, or their groups. */
  | { readonly kind: 'uneven'; readonly layer: LayerId; readonly heads: number };

export const partsOf = ({ heads }: Pick<TiledStack, 'heads'>): number =>
  heads === undefined ? 1 : heads.of / heads.tile;

/** A matrix product of two activations, group by group: attention scores, or values. */
const isProduct = ({ inputs }: Layer): boolean =>
  inputs.some(({ path, sources, dims }) => path === 'W' && sources.length > 0 && dims.includes('G'));

const sizeOf = ({ loops }: Layer, dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;

/** Heads that have keys of their own, and the query heads that share them. */
const headsOf = (layer: Layer): number => sizeOf(layer, 'G') * sizeOf(layer, 'B');

/** How the heads of a stack divide into parts; undefined: it has no heads, or no more than a part. */
export function headTile(layers: readonly Layer[], tile: number): HeadTile | HeadFault | undefined {
  const products = layers.filter(isProduct);
  const of = products.reduce((most, layer) => Math.max(most, headsOf(layer)), 1);
  if (of <= tile) return undefined;
  const mixing = layers.find((layer) => !keepsApart(layer, of));
  if (mixing !== undefined) return { kind: 'mixes', layer: mixing.id };
  const uneven = layers.find((layer) => partOf(layer, { tile, of }) === undefined);
  return uneven === undefined ? { tile, of } : { kind: 'uneven', layer: uneven.id, heads: of };
}

/** Ways to take the heads of a stack in equal parts, fewer heads first. */
export function headTiles(layers: readonly Layer[]): readonly HeadTile[] {
  const of = layers.reduce((most, layer) => (isProduct(layer) ? Math.max(most, headsOf(layer)) : most), 1);
  return fewOf(of, properDivisors(of)).flatMap((tile) => {
    const heads = headTile(layers, tile);
    return heads !== undefined && 'of' in heads ? [heads] : [];
  });
}

/** Ascending; `n` itself left out. */
function properDivisors(n: number): readonly number[] {
  const divisors: number[] = [];
  for (let d = 1; d * d <= n; d++) if (n % d === 0) divisors.push(d, n / d);
  return [...new Set(divisors)].filter((d) => d < n).sort((a, b) => a - b);
}

/** More are those of windows and batches, which are heads too: then the largest up to a half, a quarter, ... will do. */
const MOST_DIVISORS = 10;

function fewOf(n: number, divisors: readonly number[]): readonly number[] {
  if (divisors.length <= MOST_DIVISORS) return divisors;
  const halvings = (d: number): number => Math.floor(Math.log2(n / d));
  return divisors.filter((d, i) => halvings(d) > halvings(divisors[i + 1] ?? n));
}

/** A layer with the heads of one part, and how many parts there are. */
export interface LayerPart {
  readonly layer: Layer;
  readonly parts: number;
}

/** What a layer may be in parts, whatever stack it is in and however many heads: all there can be, and maybe more. */
export function layerParts({ layers }: Pick<Workload, 'layers'>): (layer: Layer) => readonly LayerPart[] {
  const counts = [...new Set(layers.filter(isProduct).map(headsOf))];
  const heads = counts.flatMap((of) => properDivisors(of).map((tile): HeadTile => ({ tile, of })));
  return (layer) =>
    heads.flatMap((one) => {
      const part = keepsApart(layer, one.of) ? partOf(layer, one) : undefined;
      return part === undefined ? [] : [{ layer: part, parts: one.of / one.tile }];
    });
}

/** Every output element depends on elements of its own head alone. */
function keepsApart(layer: Layer, heads: number): boolean {
  if (isProduct(layer)) return headsOf(layer) === heads;
  const { kind, inputs, output, span } = layer;
  if (kind !== 'vector' || !output.dims.includes('G') || inputs.some(({ windows }) => windows.length > 0))
    return false;
  const elements = headsOf(layer);
  const reach = inputs.some(({ name }) => name === 'X') ? 1 : span;
  return reach !== undefined && elements % (heads * reach) === 0;
}

/** The layer with the heads of one part; undefined: they are no whole groups, or an operand cannot be divided. */
function partOf(layer: Layer, { tile, of }: HeadTile): Layer | undefined {
  const product = isProduct(layer);
  // Of a product G are groups of B heads; elsewhere B are batch items of G elements.
  const [outer, inner]: readonly [LoopDim, LoopDim] = product ? ['G', 'B'] : ['B', 'G'];
  const groups = sizeOf(layer, outer);
  const perGroup = of / groups;
  const sizes = {
    [outer]: tile > perGroup ? tile / perGroup : 1,
    [inner]: (sizeOf(layer, inner) * Math.min(tile, perGroup)) / perGroup,
  };
  if (!Object.values(sizes).every(Number.isInteger) || of % tile !== 0) return undefined;
  const inputs = layer.inputs.map((input) => {
    const elements = input.sources.reduce((sum, source) => sum + source.elementsPerPixel, 0);
    // A product's still side is divided as its groups are; what is broadcast over the heads is read whole.
    if (product && input.path === 'W') return sharedInput(input, sizes['G'] ?? 1, groups);
    return product || elements >= headsOf(layer) ? sharedInput(input, tile, of) : input;
  });
  if (inputs.some(({ sources }) => !sources.every((s) => Number.isInteger(s.elementsPerPixel))))
    return undefined;
  return {
    ...layer,
    loops: layer.loops.map(({ dim, size }) => ({ dim, size: sizes[dim] ?? size })),
    inputs,
    macs: (layer.macs * tile) / of,
  };
}

const sharedInput = (input: InputOperand, some: number, all: number): InputOperand => ({
  ...input,
  sources: input.sources.map((source) => ({
    ...source,
    elementsPerPixel: (source.elementsPerPixel * some) / all,
    ...(source.first === undefined ? {} : { first: (source.first * some) / all }),
  })),
});

const partsIn = perObject<Map<string, Workload>>(() => new Map());

/** The network as a stack sees it: its own layers and maps with the heads of one part, all else as it is. */
export function workloadOfPart(
  workload: Workload,
  { layers, heads }: Pick<TiledStack, 'layers' | 'heads'>,
): Workload {
  if (heads === undefined) return workload;
  const key = `${heads.tile} ${layers.join(' ')}`;
  const parts = partsIn(workload);
  const part = parts.get(key) ?? cutDown(workload, layers, heads);
  parts.set(key, part);
  return part;
}

function cutDown(workload: Workload, ids: readonly LayerId[], heads: HeadTile): Workload {
  const own = new Set(ids);
  const made = new Set<TensorId>();
  const layers = workload.layers.map((layer) => {
    const part = own.has(layer.id) ? partOf(layer, heads) : undefined;
    if (part !== undefined) made.add(layer.output.map);
    return part ?? layer;
  });
  const maps = workload.maps.map((map): FeatureMap =>
    made.has(map.id) ? { ...map, elementsPerPixel: (map.elementsPerPixel * heads.tile) / heads.of } : map,
  );
  return { ...workload, layers, maps };
}
