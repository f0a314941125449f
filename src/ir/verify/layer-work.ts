/**
 * MACs and weights, on which all headline figures rest, against the loops they follow from (DF2195):
 * - a layer of kind `mac` has one MAC per iteration, but for transposed convolutions, where they are those of ONNX; a
 *   layer of another kind has none;
 * - constants on the weight path of such a layer fill the loops that index them: one may serve several groups of a
 *   product, and where the model is approximate (rows that go to few of many experts) there may be more. With them come
 *   the parameters of post-operations, or in profiles that leave them out they do not. Of a share as many exist;
 * - the network has the MACs of its layers. Where pads are ignored it keeps those of the model.
 */
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import type { InputOperand, Layer, LoopDim, LoopSize, Workload } from '../layer.js';
import { isPadded } from '../pads.js';
import { NOTHING } from './find.js';

const bug = (id: string, message: string): readonly Diagnostic[] => [
  diagnostic('DF2195', `${id} ${message}`, [{ kind: 'ir', facet: 'layers', id }]),
];

/** `declared`: layer tables state sizes of weights that an earlier layer makes, too. */
export function verifyWork(layer: Layer, declared: boolean): readonly Diagnostic[] {
  const { id, kind, macs, inputs } = layer;
  if (kind !== 'mac') return macs === 0 ? NOTHING : bug(id, `has ${macs} MACs, and is of kind ${kind}`);
  const iterations = product(layer.loops);
  if (macs !== iterations && !isTransposed(layer))
    return bug(id, `has ${macs} MACs in ${iterations} iterations`);
  const operand = inputs.find(({ path }) => path === 'W');
  if (operand === undefined) return NOTHING;
  return weights(layer, operand, declared || operand.sources.length === 0);
}

/** Several phases of its stride in one iteration, or pads that cut off what was counted. */
const isTransposed = ({ op, upsample }: Layer): boolean =>
  op === 'ConvTranspose' || upsample.x * upsample.y > 1;

const product = (loops: readonly LoopSize[]): number => loops.reduce((all, { size }) => all * size, 1);

/** Loops over which one constant may be used again, though they index it. */
const SHARING: readonly LoopDim[] = ['G', 'OY', 'OX'];

function weights(layer: Layer, operand: InputOperand, constant: boolean): readonly Diagnostic[] {
  const { id, coverage, inputs, postOps, weightBits } = layer;
  const own = constant ? layer.loops.filter(({ dim }) => operand.dims.includes(dim)) : [];
  const { exist, of } = operand.share ?? { exist: 1, of: 1 };
  const kernelBits = constant ? (product(own) * operand.bits * exist) / of : 0;
  const isConvolution = inputs.some(({ windows }) => windows.length > 0);
  const uses = isConvolution ? 1 : product(own.filter(({ dim }) => SHARING.includes(dim)));
  const parameterBits = postOps.reduce((sum, op) => sum + op.parameterBits, 0);
  const fits = (bits: number): boolean =>
    bits * uses >= kernelBits && (bits <= kernelBits || coverage !== 'exact');
  if (fits(weightBits) || fits(weightBits - parameterBits)) return NOTHING;
  return bug(
    id,
    `has ${weightBits} bit of weights, its loops ask for ${kernelBits}, its post-operations for ${parameterBits}`,
  );
}

/** `resized`: the sizes of maps may be others than those of the model, because its pads are ignored. */
export function verifyMacs({ layers, macs }: Workload, resized: boolean): readonly Diagnostic[] {
  const counted = layers.reduce((sum, layer) => sum + layer.macs, 0);
  if (counted === macs || (resized && !layers.some(isPadded))) return NOTHING;
  return bug('the network', `has ${macs} MACs, its layers ${counted}`);
}
