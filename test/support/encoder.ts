/** Encoders: layers of attention and a feed-forward part that are alike, or nearly so. */
import { model, type NodeSpec } from './onnx-model.js';

/** Encoder layers of equal sizes, but for the width of the one named. */
export function encoder(layers: number, wide?: number): Uint8Array {
  const width = (k: number): number => (k === wide ? 128 : 64);
  const nodes = Array.from({ length: layers }, (_, k): readonly NodeSpec[] => {
    const n = (name: string): string => `layer${k}.${name}`;
    const node = (op: string, from: readonly string[], attrs?: NodeSpec['attrs'], as = op): NodeSpec => ({
      op,
      name: n(as),
      in: from,
      out: [n(as)],
      ...(attrs ? { attrs } : {}),
    });
    const input = k === 0 ? 'x' : `layer${k - 1}.Add`;
    return [
      ...['q', 'k', 'v'].map((as) => node('MatMul', [input, `w${as}`], undefined, as)),
      node('Transpose', [n('k')], { perm: [0, 2, 1] }),
      node('MatMul', [n('q'), n('Transpose')], undefined, 'scores'),
      node('Softmax', [n('scores')], { axis: -1 }),
      node('MatMul', [n('Softmax'), n('v')], undefined, 'values'),
      node('MatMul', [n('values'), `up${width(k)}`], undefined, 'up'),
      node('Relu', [n('up')]),
      node('MatMul', [n('Relu'), `down${width(k)}`], undefined, 'down'),
      node('Add', [input, n('down')]),
    ];
  }).flat();
  const weight = (...shape: readonly number[]) => ({ shape });
  return model({
    inputs: { x: [1, 16, 32] },
    outputs: [`layer${layers - 1}.Add`],
    initializers: {
      ...{ wq: weight(32, 32), wk: weight(32, 32), wv: weight(32, 32) },
      ...{ up64: weight(32, 64), down64: weight(64, 32), up128: weight(32, 128), down128: weight(128, 32) },
    },
    nodes,
  });
}
