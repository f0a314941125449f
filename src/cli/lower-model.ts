/** A model as far as its layers, without a schedule: what `inspect` and `networks` look at. */
import { memoryId } from '../base/ids.js';
import { compile, parsePrecisions, type Compilation, type CompileRequest } from '../compile.js';
import type { Accelerator } from '../hw/accelerator.js';
import { settle } from '../hw/own.js';
import type { LayerPrecision } from '../ir/layer-precision.js';
import type { Graph } from '../ir/tensor.js';
import { readTextFile } from '../node/files.js';
import type { InputOptions } from './options.js';

const NO_ACCESS = { bits: 1, granularityBits: 1, energyPj: 0 };

/** Precisions, which are those of the published networks, and no more of an accelerator than there has to be. */
const NO_ACCELERATOR: Accelerator = {
  name: 'none',
  source: '',
  array: { dims: [{ name: 'D1', size: 1 }], macEnergyPj: 0 },
  precision: { W: 8, I: 8, O: 8, psum: 16 },
  spatial: [{ array: 'D1', dims: [] }],
  memories: [
    {
      id: memoryId('top'),
      name: 'top',
      sizeBits: 1,
      operands: ['W', 'I', 'O'],
      serves: ['D1'],
      read: NO_ACCESS,
      write: NO_ACCESS,
      ports: [
        {
          name: 'rw1',
          kind: 'read-write',
          transfers: [
            { operand: 'W', direction: 'toLow' },
            { operand: 'I', direction: 'toLow' },
            { operand: 'O', direction: 'toLow' },
            { operand: 'O', direction: 'fromLow' },
          ],
        },
      ],
      latencyCycles: 0,
    },
  ],
};

export interface LoweredModel extends Compilation {
  /** The graph as the file has it. */
  readonly file: Graph | undefined;
}

export async function lowerModel(
  request: Pick<CompileRequest, 'source' | 'dims' | 'precision' | 'precisions'> & {
    readonly hw?: Accelerator | undefined;
  },
): Promise<LoweredModel> {
  let file: Graph | undefined;
  const keepFirst = {
    after: ({ ir }: { readonly ir: Compilation['ir'] }): void => {
      file ??= ir.graph;
    },
  };
  const { hw = NO_ACCELERATOR, ...rest } = request;
  const result = await compile({ ...rest, hw: settle(hw), pipeline: LAYERS, instruments: [keepFirst] });
  return { ...result, file };
}

/** The entries of `--precision-file`. */
export const precisionsOf = ({ precisionFile }: InputOptions): readonly LayerPrecision[] =>
  precisionFile === undefined ? [] : parsePrecisions(readTextFile(precisionFile), precisionFile);

const LAYERS = 'import-onnx,normalize-graph,infer-shapes,lower-layers';
