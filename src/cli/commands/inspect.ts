/** `defines inspect <model>`: what is in a model and what can be made of it, before any schedule. */
import { countOperators, inspectModel, symbolicDims } from '../../inspect/inspection.js';
import { inspectionText, openModelText } from '../../inspect/text.js';
import { loadAccelerator } from '../../node/builtin.js';
import { readModelFile } from '../../node/files.js';
import type { Outcome, Run } from '../command.js';
import { lowerModel, precisionsOf, type LoweredModel } from '../lower-model.js';
import { choiceOf, dimsOf, precisionOf, type ModelOptions } from '../options.js';

export const inspectCommand: Run<ModelOptions> = async ([model = ''], options): Promise<Outcome> => {
  const format = choiceOf('--format', options.format, ['text', 'json'], 'text');
  choiceOf('--diagnostics', options.diagnostics, ['text', 'json'], 'text');
  const loaded = options.accelerator === undefined ? undefined : loadAccelerator(options.accelerator);
  const dims = dimsOf(options.dim);
  const result = await lowerModel({
    source: readModelFile(model),
    hw: loaded?.accelerator,
    dims,
    precision: precisionOf(options.precision),
    precisions: precisionsOf(options),
  });
  const text = textOf(result, dims, format);
  return {
    ...(text === undefined ? {} : { text }),
    diagnostics: [...(loaded?.diagnostics ?? []), ...result.diagnostics],
  };
};

function textOf(
  { ok, file, ir }: LoweredModel,
  dims: Readonly<Record<string, number>>,
  format: 'text' | 'json',
): string | undefined {
  const { name, graph, shapes, layers } = ir;
  const json = (value: object): string =>
    `${JSON.stringify({ schema: 'defines-inspect/1', ...value }, null, 2)}\n`;
  if (file === undefined) return undefined;
  if (ok && graph && shapes && layers) {
    const found = inspectModel({ name, file, graph, shapes, layers, dims });
    return format === 'json' ? json(found) : inspectionText(found, graph);
  }
  // Sizes that nobody has bound are the one error with which a model can still be looked at.
  const symbols = symbolicDims(file, dims);
  if (symbols.every(({ size }) => size !== null)) return undefined;
  const operators = countOperators(file);
  return format === 'json'
    ? json({ name, operators, symbols })
    : openModelText(name, operators, symbols, file);
}
