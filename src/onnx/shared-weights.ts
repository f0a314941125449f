/** Constants that several layers have among their weights: stored once, counted by each. */
import type { LayerId } from '../base/ids.js';
import { graphView } from '../ir/graph-view.js';
import type { LoweringState } from './lower-state.js';

export interface SharedWeights {
  /** Of the initializer. */
  readonly name: string;
  readonly layers: readonly LayerId[];
  /** As far as the layer uses it that uses most. */
  readonly storedBits: number;
  readonly countedBits: number;
}

/** Constants by what they are read from; those of a single layer, and single numbers, are left out. */
export function sharedWeights(state: LoweringState): readonly SharedWeights[] {
  const rootOf = roots(state);
  const byRoot = new Map<string, Map<LayerId, number>>();
  for (const { layer, name, bits } of state.weights) {
    if (bits === 0) continue;
    const root = rootOf(name);
    const readers = byRoot.get(root) ?? new Map<LayerId, number>();
    // A layer that reads a constant twice counts it twice.
    readers.set(layer, (readers.get(layer) ?? 0) + bits);
    byRoot.set(root, readers);
  }
  return [...byRoot].flatMap(([name, readers]): readonly SharedWeights[] => {
    const bits = [...readers.values()];
    if (bits.length < 2) return [];
    const countedBits = bits.reduce((sum, one) => sum + one, 0);
    return [
      {
        name,
        layers: [...readers.keys()],
        storedBits: bits.reduce((most, one) => Math.max(most, one)),
        countedBits,
      },
    ];
  });
}

/** Operators that hand all of their first input on, in another form. Parts of a constant are constants of their own. */
const WHOLE: ReadonlySet<string> = new Set([
  ...['DequantizeLinear', 'Transpose', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze', 'Cast', 'Identity'],
]);

function roots({ graph }: LoweringState): (name: string) => string {
  const { producer } = graphView(graph);
  return (name) => {
    let root = name;
    for (;;) {
      const node = graph.nodes[producer(root) ?? -1];
      const [from = ''] = node?.inputs ?? [];
      if (node === undefined || from === '' || !WHOLE.has(node.opType)) return root;
      root = from;
    }
  };
}
