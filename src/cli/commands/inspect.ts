/** `defines inspect <model>`: operators, shapes, MACs and coverage of a model, before any schedule. */
import { bareName } from '../../base/ids.js';
import { grouped, sizeText } from '../../base/units.js';
import type { Layer, Workload } from '../../ir/layer.js';
import type { Graph, Shapes } from '../../ir/tensor.js';
import { loadAccelerator } from '../../node/builtin.js';
import { readModelFile } from '../../node/files.js';
import { coverageOf } from '../../report/coverage.js';
import type { CoverageReport } from '../../report/report.js';
import { left, name, plural, right, table } from '../../report/text-table.js';
import { percent } from '../../report/text-units.js';
import type { Outcome, Run } from '../command.js';
import { lowerModel, precisionsOf } from '../lower-model.js';
import { choiceOf, dimsOf, precisionOf, type ModelOptions } from '../options.js';

/** What `--format json` prints. */
interface Inspection {
  readonly name: string;
  /** Nodes of the file by operator, in code-unit order. */
  readonly operators: Readonly<Record<string, number>>;
  readonly macs: number;
  readonly layers: readonly LayerSummary[];
  readonly tensors: Readonly<Record<string, { readonly shape: readonly number[]; readonly dtype: string }>>;
  readonly outputs: Readonly<Record<string, { readonly shape: readonly number[] }>>;
  readonly coverage: CoverageReport;
}

interface LayerSummary {
  readonly name: string;
  readonly op: string;
  readonly loopDims: Readonly<Record<string, number>>;
  readonly macs: number;
  readonly weightBits: number;
  readonly coverage: Layer['coverage'];
  readonly postOps: readonly string[];
}

export const inspectCommand: Run<ModelOptions> = async ([model = ''], options): Promise<Outcome> => {
  const format = choiceOf('--format', options.format, ['text', 'json'], 'text');
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  const loaded = options.accelerator === undefined ? undefined : loadAccelerator(options.accelerator);
  const result = await lowerModel({
    source: readModelFile(model),
    hw: loaded?.accelerator,
    dims: dimsOf(options.dim),
    precision: precisionOf(options.precision),
    precisions: precisionsOf(options),
  });
  const diagnostics = [...(loaded?.diagnostics ?? []), ...result.diagnostics];
  const { shapes, layers, graph } = result.ir;
  if (!result.ok || !result.file || !graph || !shapes || !layers) return { diagnostics };
  const inspection = inspect(result.ir.name, result.file, graph, shapes, layers);
  const text = format === 'json' ? `${JSON.stringify(inspection, null, 2)}\n` : textOf(inspection, graph);
  return { text, diagnostics };
};

function inspect(model: string, file: Graph, graph: Graph, shapes: Shapes, workload: Workload): Inspection {
  const known = new Map(shapes.tensors.map((tensor) => [tensor.name, tensor]));
  return {
    name: model,
    operators: countOperators(file),
    macs: workload.macs,
    layers: workload.layers.map((layer) => ({
      name: bareName(layer.id),
      op: layer.op,
      loopDims: Object.fromEntries(layer.loops.map(({ dim, size }) => [dim, size])),
      macs: layer.macs,
      weightBits: layer.weightBits,
      coverage: layer.coverage,
      postOps: layer.postOps.map(({ op }) => op),
    })),
    tensors: Object.fromEntries(shapes.tensors.map(({ name: id, shape, dtype }) => [id, { shape, dtype }])),
    outputs: Object.fromEntries(
      graph.outputs.map(({ name: id }) => [id, { shape: known.get(id)?.shape ?? [] }]),
    ),
    coverage: coverageOf(workload),
  };
}

function countOperators({ nodes }: Graph): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { domain, opType } of nodes) {
    const operator = domain === '' ? opType : `${domain}:${opType}`;
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function textOf(found: Inspection, graph: Graph): string {
  const shape = (id: string): string => {
    const tensor = found.tensors[id];
    return tensor === undefined ? `${id} ?` : `${id} ${tensor.dtype} [${tensor.shape.join(' ')}]`;
  };
  const weightBits = found.layers.reduce((sum, layer) => sum + layer.weightBits, 0);
  const { coverage } = found;
  const lines = [
    `${found.name}   ${plural(found.layers.length, 'layer')}   ${grouped(found.macs)} MAC   weights ${sizeText(weightBits)}`,
    ...graph.inputs.map((input) => `input   ${shape(input.name)}`),
    ...graph.outputs.map((output) => `output  ${shape(output.name)}`),
    '',
    ...table(
      [left('operator in the file'), right('count')],
      Object.entries(found.operators).map(([op, n]) => [op, String(n)]),
    ),
    '',
    ...table(
      [
        name('layer'),
        left('operator'),
        left('loops'),
        right('MACs'),
        right('weights'),
        left('model'),
        left('post-operations'),
      ],
      found.layers.map((layer) => [
        layer.name,
        layer.op,
        Object.entries(layer.loopDims)
          .map(([dim, size]) => `${dim}${size}`)
          .join(' '),
        layer.macs === 0 ? '-' : grouped(layer.macs),
        layer.weightBits === 0 ? '-' : sizeText(layer.weightBits),
        layer.coverage,
        layer.postOps.join(' '),
      ]),
    ),
    '',
    `coverage  ${percent(coverage.macsExactPct, 100)} of the MACs and ${percent(coverage.iterationsExactPct, 100)} of all loop iterations are modelled exactly`,
  ];
  return `${lines.join('\n')}\n`;
}
