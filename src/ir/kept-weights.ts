/** Weights that stay with a stack once its first tile has brought them, those that do not, and maps in their place. */
import type { FeatureMap, Layer, Source } from './layer.js';

/**
 * Whether every pixel has weights of its own, as where rows of a table are picked: a tile reads others than the tile
 * before, so that none of them can stay. One pixel alone reads the same ones again.
 */
export function hasWeightsPerPixel({ inputs, loops }: Layer): boolean {
  const weights = inputs.find(({ path, sources }) => path === 'W' && sources.length === 0);
  return (
    weights !== undefined &&
    loops.some(({ dim, size }) => size > 1 && (dim === 'OX' || dim === 'OY') && weights.dims.includes(dim))
  );
}

const parameterBits = ({ postOps }: Layer): number =>
  postOps.reduce((bits, operation) => bits + operation.parameterBits, 0);

/** Constants that all tiles use, as far as the loops of the layer move them: not the parameters of what runs on its output. */
export const kernelBits = (layer: Layer): number => keptWeightBits(layer) - parameterBits(layer);

/** Constants of a layer that all tiles use, bits: kernels, and parameters of what runs on its output. */
export const keptWeightBits = (layer: Layer): number =>
  hasWeightsPerPixel(layer) ? parameterBits(layer) : layer.weightBits;

/** Elements of a map that an operand on the weight path reads. */
export const wholeElements = (
  { elementsPerPixel, share = 1 }: Source,
  { width, height }: FeatureMap,
): number => Math.round(elementsPerPixel * width * height * share);
