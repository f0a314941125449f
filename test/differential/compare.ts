/**
 * Many calls in one model, so that one session of the runtime serves them all. A model that the runtime refuses is
 * halved until the calls it refuses stand alone; those prove nothing and are counted.
 */
import { DiagnosticError } from '../../src/diag/diagnostic.js';
import type { TensorInfo } from '../../src/ir/tensor.js';
import { inferTensors } from '../../src/onnx/infer.js';
import { normalized } from '../support/import-model.js';
import { model, type ModelSpec, type NodeSpec, type TensorSpec } from '../support/onnx-model.js';
import { FLOAT, type Case, type Operand } from './case.js';
import { execute, type Feed, type Produced } from './runtime.js';

export interface Numbered {
  readonly id: number;
  readonly call: Case;
}

export interface Outcome {
  /** Calls that both sides answered. */
  readonly compared: readonly Numbered[];
  readonly refused: readonly { readonly of: Numbered; readonly why: string }[];
  /** One line per difference. */
  readonly differences: readonly string[];
}

interface Built {
  readonly spec: ModelSpec;
  readonly feeds: Readonly<Record<string, Feed>>;
}

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

function constant({ shape, type = FLOAT, values = [] }: Operand): TensorSpec {
  if (type === FLOAT) return { shape, type, fields: { floatData: [...values] } };
  if (type === 7) return { shape, type, fields: { int64Data: [...values] } };
  return { shape, type, fields: { int32Data: [...values] } };
}

const outputsOf = ({ id, call }: Numbered): readonly string[] =>
  Array.from({ length: call.outputs ?? 1 }, (_, i) => `y${id}_${i}`);

function build(calls: readonly Numbered[], opset: number): Built {
  const feeds: Record<string, Feed> = {};
  const initializers: Record<string, TensorSpec> = {};
  const nodes = calls.map((numbered): NodeSpec => {
    const { id, call } = numbered;
    const inputs = call.inputs.map((operand, i) => {
      if (operand === null) return '';
      const name = `x${id}_${i}`;
      if (operand.values) initializers[name] = constant(operand);
      else feeds[name] = { shape: operand.shape, type: operand.type ?? FLOAT };
      return name;
    });
    return {
      op: call.op,
      name: `node${id}`,
      in: inputs,
      out: outputsOf(numbered),
      ...(call.domain === undefined ? {} : { domain: call.domain }),
      ...(call.attrs ? { attrs: call.attrs } : {}),
    };
  });
  const spec: ModelSpec = {
    opset: { '': opset, 'com.microsoft': 1 },
    inputs: Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape])),
    types: Object.fromEntries(Object.entries(feeds).map(([name, { type }]) => [name, type])),
    outputs: calls.flatMap(outputsOf),
    untypedOutputs: true,
    initializers,
    nodes,
  };
  return { spec, feeds };
}

/** Ours, call by call, so that an error in one does not hide the others. */
async function ours(numbered: Numbered, opset: number): Promise<readonly TensorInfo[] | string> {
  try {
    const { graph } = await normalized(model(build([numbered], opset).spec));
    const { tensors } = inferTensors(graph, {}, () => undefined);
    return outputsOf(numbered).map((name) => tensors.find((tensor) => tensor.name === name)!);
  } catch (error) {
    if (!(error instanceof DiagnosticError)) throw error;
    return error.diagnostics.map(({ code, message }) => `${code} ${message}`).join('; ');
  }
}

const close = (a: number, b: number): boolean =>
  a === b || Math.abs(a - b) <= 1e-5 * Math.max(1, Math.abs(a), Math.abs(b));

function difference(found: TensorInfo | undefined, expected: Produced): string | undefined {
  if (found === undefined) return `no shape, expected [${expected.shape.join()}]`;
  if (found.shape.join() !== expected.shape.join())
    return `[${found.shape.join()}], expected [${expected.shape.join()}]`;
  if (found.dtype !== expected.dtype) return `${found.dtype}, expected ${expected.dtype}`;
  const { values } = found;
  if (values === undefined) return undefined;
  const same =
    values.length === count(expected.shape) && values.every((value, i) => close(value, expected.values[i]!));
  return same ? undefined : `values ${values.join()}, expected ${expected.values.join()}`;
}

const describeCall = ({ id, call }: Numbered): string =>
  `#${id} ${call.op}(${call.inputs
    .map((input) => (input ? `[${input.shape.join()}]${input.values ? `=${input.values.join()}` : ''}` : '-'))
    .join(' ')}) ${JSON.stringify(call.attrs ?? {})}`;

export async function compare(calls: readonly Numbered[], opset: number): Promise<Outcome> {
  if (calls.length === 0) return { compared: [], refused: [], differences: [] };
  const { spec, feeds } = build(calls, opset);
  let produced: Readonly<Record<string, Produced>>;
  try {
    produced = await execute(model(spec), feeds);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    if (calls.length === 1)
      return { compared: [], refused: calls.map((of) => ({ of, why })), differences: [] };
    const half = Math.ceil(calls.length / 2);
    const [first, second] = [
      await compare(calls.slice(0, half), opset),
      await compare(calls.slice(half), opset),
    ];
    return {
      compared: [...first.compared, ...second.compared],
      refused: [...first.refused, ...second.refused],
      differences: [...first.differences, ...second.differences],
    };
  }
  const differences: string[] = [];
  for (const numbered of calls) {
    const found = await ours(numbered, opset);
    if (typeof found === 'string') {
      differences.push(`opset ${opset} ${describeCall(numbered)}: refused: ${found}`);
      continue;
    }
    outputsOf(numbered).forEach((name, i) => {
      const line = difference(found[i], produced[name]!);
      if (line !== undefined)
        differences.push(`opset ${opset} ${describeCall(numbered)} output ${i}: ${line}`);
    });
  }
  return { compared: calls, refused: [], differences };
}
