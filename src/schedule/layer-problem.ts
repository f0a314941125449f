/** Turns a layer of a tile, with its sizes and open memory levels, into the mapper's question. */
import { distinctExtent } from '../analysis/region.js';
import type { LayerSizes } from '../analysis/tile-sizes.js';
import { known } from '../base/assert.js';
import { BoundedMap, perObject } from '../base/bounded-map.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator } from '../hw/accelerator.js';
import type { MemoryOperand } from '../hw/memory.js';
import type { InputOperand, Layer, LoopDim, LoopSize, Unrolling } from '../ir/layer.js';
import type { LayerTileProblem, TileOperand, TileWindow } from '../ir/layer-tile.js';
import { chooseUnrolling } from '../mapping/spatial.js';
import type { Hierarchy } from './hierarchy.js';

/** Levels open to a layer: the top memory per path (null: no such operand), and what passes by the lowest. */
export interface OpenLevels {
  readonly top: Readonly<Record<MemoryOperand, number | null>>;
  /** The second input of an elementwise layer is read past the lowest level. */
  readonly bypass: boolean;
}

/** Layer tiles whose problems are kept: as many as are looked at together. They are held on to: weak tables are slow. */
const MOST_TILES = 4096;

/** Problems made lately, so that whoever asks again gets the same object: by accelerator and layer tile. */
const problemsOn = perObject<BoundedMap<LayerSizes, Map<number, LayerTileProblem>>, Accelerator>(
  () => new BoundedMap(MOST_TILES),
);

/** `sizes` are those of this very layer. Equal problems made lately are one object. */
export function layerTileProblem(
  layer: Layer,
  sizes: LayerSizes,
  open: OpenLevels,
  hierarchy: Hierarchy,
  profile: Profile,
): LayerTileProblem {
  // Whatever room other stacks leave in it: a hierarchy is made anew for every one that has neighbours.
  const byTile = problemsOn(hierarchy.hw);
  let byLevels = byTile.get(sizes);
  if (byLevels === undefined) {
    byLevels = new Map();
    byTile.set(sizes, byLevels);
  }
  const key = keyOf(open, profile);
  const found = byLevels.get(key);
  if (found !== undefined) return found;
  const problem = equalProblem(layer, sizes, open, hierarchy, profile);
  byLevels.set(key, problem);
  return problem;
}

/** Above any memory index, and any that is none. */
const MOST_MEMORIES = 2 ** 12;

function keyOf({ top: { W, I, O }, bypass }: OpenLevels, { padding, fractions }: Profile): number {
  const levels = [W, I, O].reduce<number>((key, top) => key * MOST_MEMORIES + 1 + (top ?? -1), 0);
  return 8 * levels + (bypass ? 4 : 0) + (fractions === 'real' ? 2 : 0) + (padding === 'clipped' ? 1 : 0);
}

/** Networks repeat their layers: the problem of an equal tile of an equal layer, if there was one lately. */
function equalProblem(
  layer: Layer,
  sizes: LayerSizes,
  open: OpenLevels,
  hierarchy: Hierarchy,
  profile: Profile,
): LayerTileProblem {
  const { problems } = shapeOf(layer, hierarchy);
  const { W, I, O } = open.top;
  const { padding, fractions } = profile;
  let key = `${W} ${I} ${O} ${open.bypass} ${padding} ${fractions} ${sizes.out.x} ${sizes.out.y}`;
  for (const { use, needed } of sizes.sources) key += ` ${use.input}:${needed.x} ${needed.y}`;
  return problems.getOr(key, () => problemOf(layer, sizes, open, hierarchy, profile));
}

function problemOf(
  layer: Layer,
  sizes: LayerSizes,
  open: OpenLevels,
  hierarchy: Hierarchy,
  profile: Profile,
): LayerTileProblem {
  const { operands, unrolling, otherUnrollings, operationEnergyPj } = shapeOf(layer, hierarchy);
  const loops = tileLoops(layer, sizes);
  return {
    loops,
    unrolling,
    ...(otherUnrollings.length > 0 ? { otherUnrollings } : {}),
    operands: operands.map((operand): TileOperand => ({
      name: operand.name,
      path: operand.path,
      bits: operand.bits,
      psumBits: operand.psumBits,
      relevant: operand.relevant,
      irrelevant: operand.irrelevant,
      windows: operand.input ? tileWindows(operand.input, operand.index, loops, sizes, profile) : [],
      ...(operand.share && profile.fractions === 'real' ? { share: operand.share } : {}),
      levels: levelsOpenTo(layer, operand, open, hierarchy),
    })),
    passes: layer.passes,
    operationEnergyPj,
  };
}

/** Problems kept per shape. */
const MOST_PROBLEMS = 10_000;

/** What all tiles of layers of one form have in common on an accelerator. */
interface LayerShape {
  readonly unrolling: readonly Unrolling[];
  readonly otherUnrollings: readonly (readonly Unrolling[])[];
  readonly operands: readonly OperandShape[];
  readonly operationEnergyPj: number;
  /** By the levels open to a tile and its sizes. */
  readonly problems: BoundedMap<string, LayerTileProblem>;
}

type OperandShape = Omit<TileOperand, 'windows' | 'levels'> & {
  /** Undefined for the output; else the input and its position. */
  readonly input: InputOperand | undefined;
  readonly index: number;
};

interface LayerShapes {
  readonly ofLayer: WeakMap<Layer, LayerShape>;
  readonly ofForm: Map<string, LayerShape>;
}

const shapesOn = perObject<LayerShapes, Accelerator>(() => ({ ofLayer: new WeakMap(), ofForm: new Map() }));

function shapeOf(layer: Layer, hierarchy: Hierarchy): LayerShape {
  const { ofLayer, ofForm } = shapesOn(hierarchy.hw);
  const found = ofLayer.get(layer);
  if (found !== undefined) return found;
  const form = formOf(layer);
  const shape = ofForm.get(form) ?? shapeOfLayer(layer, hierarchy);
  ofForm.set(form, shape);
  ofLayer.set(layer, shape);
  return shape;
}

/** Everything about a layer that its problems depend on, as a text: networks repeat their layers. */
function formOf({
  kind,
  loops,
  unrolling,
  otherUnrollings,
  upsample,
  passes,
  output,
  inputs,
}: Layer): string {
  const { bits, psumBits, dims } = output;
  const operands = inputs.map((input) => [
    ...[input.name, input.path, input.bits, input.dims, input.windows],
    input.share ?? null,
  ]);
  return JSON.stringify([
    ...[kind, loops, unrolling ?? null, otherUnrollings ?? null, upsample, passes],
    ...[bits, psumBits, dims, operands],
  ]);
}

function shapeOfLayer(layer: Layer, { hw }: Hierarchy): LayerShape {
  // Dims of size 1 in the whole layer index nothing and reuse nothing (1.1).
  const counted = layer.loops.filter((loop) => loop.size > 1).map((loop) => loop.dim);
  const relevance = (dims: readonly LoopDim[], windowed: readonly LoopDim[]) => {
    const direct = counted.filter((dim) => !windowed.includes(dim));
    return {
      relevant: direct.filter((dim) => dims.includes(dim)),
      irrelevant: direct.filter((dim) => !dims.includes(dim)),
    };
  };
  const { bits, psumBits, dims } = layer.output;
  const output: OperandShape = {
    name: 'O',
    path: 'O',
    bits,
    psumBits,
    ...relevance(dims, []),
    input: undefined,
    index: -1,
  };
  const inputs = layer.inputs.map((input, index): OperandShape => ({
    name: input.name,
    path: input.path,
    bits: input.bits,
    psumBits: input.bits,
    ...relevance(
      input.dims,
      input.windows.flatMap((window) => [window.out, window.kernel]),
    ),
    ...(input.share ? { share: input.share } : {}),
    input,
    index,
  }));
  const [unrolling = [], ...otherUnrollings] = unrollingsOf(layer, hw);
  return {
    unrolling,
    otherUnrollings,
    operands: [output, ...inputs],
    problems: new BoundedMap(MOST_PROBLEMS),
    operationEnergyPj: layer.kind === 'move' ? 0 : hw.array.macEnergyPj,
  };
}

/** How a layer may be laid over the array: by the accelerator's own rule first. */
export function unrollingsOf(
  { loops, unrolling, otherUnrollings = [], output, inputs }: Layer,
  hw: Accelerator,
): readonly (readonly Unrolling[])[] {
  const operands = [{ path: 'O' as const, bits: output.bits, dims: output.dims }, ...inputs];
  return [unrolling, ...otherUnrollings].map((prescribed) =>
    chooseUnrolling(hw, loops, prescribed, operands),
  );
}

/**
 * Levels of a path up to the chosen top. A register holds what the array computes with: what is only moved or
 * compared passes by one that is too narrow for an element; and a second input may pass by the lowest level.
 */
function levelsOpenTo(
  layer: Layer,
  { name, path, bits, psumBits }: Pick<TileOperand, 'name' | 'path' | 'bits' | 'psumBits'>,
  { top, bypass }: OpenLevels,
  hierarchy: Hierarchy,
): readonly number[] {
  const elementBits = Math.max(bits, psumBits);
  const passedBy = (index: number): boolean =>
    layer.kind !== 'mac' && index !== hierarchy.top && hierarchy.memory(index).sizeBits < elementBits;
  const levels = hierarchy.levels[path].filter(
    (index) => index <= known(top[path], path) && !passedBy(index),
  );
  return name === 'Y' && bypass && levels.length > 1 ? levels.slice(1) : levels;
}

/** The layer's loops with OX and OY of the tile. */
export const tileLoops = (layer: Layer, { out }: Pick<LayerSizes, 'out'>): readonly LoopSize[] =>
  layer.loops.map(({ dim, size }) => {
    if (dim === 'OX') return { dim, size: Math.ceil(out.x / layer.upsample.x) };
    if (dim === 'OY') return { dim, size: Math.ceil(out.y / layer.upsample.y) };
    return { dim, size };
  });

function tileWindows(
  input: InputOperand,
  index: number,
  loops: readonly LoopSize[],
  sizes: LayerSizes,
  profile: Profile,
): readonly TileWindow[] {
  if (input.windows.length === 0) return [];
  const sizeOf = (dim: LoopDim): number => loops.find((loop) => loop.dim === dim)?.size ?? 1;
  const sources = sizes.sources.filter((source) => source.use.input === index);
  return input.windows.map(({ axis, out, kernel, stride, dilation }): TileWindow => {
    const window = { out, kernel, stride, dilation };
    const present = Math.max(...sources.map((source) => source.needed[axis]));
    const touched = distinctExtent(stride, sizeOf(out), dilation, sizeOf(kernel));
    return profile.padding === 'clipped' && present < touched ? { ...window, limit: present } : window;
  });
}
