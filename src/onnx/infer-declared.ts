/** What the model itself says about its tensors (`value_info`, outputs): a check on inference, and its last resort. */
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Graph, TensorInfo, ValueInfo } from '../ir/tensor.js';
import { shapeText, type DimBindings } from './infer-inputs.js';

export type Declared = ReadonlyMap<string, ValueInfo>;

export const declaredTensors = (graph: Graph): Declared =>
  new Map([...graph.valueInfo, ...graph.outputs].map((info) => [info.name, info]));

/** Names by which the open sizes of a declared shape can be bound. */
export const symbolsOf = (info: ValueInfo | undefined): readonly string[] => [
  ...new Set((info?.shape ?? []).flatMap((dim) => (dim.kind === 'symbol' ? [dim.name] : []))),
];

/** A declared shape with all sizes known. */
export function fixedShape(info: ValueInfo | undefined, dims: DimBindings): readonly number[] | undefined {
  const sizes = info?.shape?.map((dim) =>
    dim.kind === 'fixed'
      ? dim.size
      : dim.kind === 'symbol' && Object.hasOwn(dims, dim.name)
        ? dims[dim.name]
        : undefined,
  );
  return sizes?.every((size) => size !== undefined) ? sizes : undefined;
}

/** One line per declaration that cannot be true. */
function contradiction(tensor: TensorInfo, declared: ValueInfo): string | undefined {
  const found = `[${tensor.shape.join(', ')}]`;
  if (declared.shape !== undefined) {
    const said = shapeText(declared.shape);
    if (declared.shape.length !== tensor.shape.length)
      return `"${tensor.name}": declared ${said} of rank ${declared.shape.length}, inferred ${found} of rank ${tensor.shape.length}`;
    const axis = declared.shape.findIndex((dim, i) => dim.kind === 'fixed' && dim.size !== tensor.shape[i]);
    if (axis >= 0) return `"${tensor.name}": declared ${said}, inferred ${found} (axis ${axis})`;
  }
  return declared.dtype !== 'undefined' && declared.dtype !== tensor.dtype
    ? `"${tensor.name}": declared as ${declared.dtype}, inferred as ${tensor.dtype}`
    : undefined;
}

/** One warning for all contradictions, the inferred shapes stand. */
export function checkDeclared(declared: Declared, tensors: readonly TensorInfo[]): readonly Diagnostic[] {
  const lines = tensors.flatMap((tensor) => {
    const info = declared.get(tensor.name);
    return (info && contradiction(tensor, info)) ?? [];
  });
  const [first] = lines;
  if (first === undefined) return [];
  const message = lines.length === 1 ? first : `${lines.length} tensors are declared otherwise than inferred`;
  return [
    diagnostic('DF2008', message, [], {
      terms: lines.slice(0, SHOWN),
      help: 'the inferred shapes are used; run shape inference on the model again to correct its declarations',
    }),
  ];
}

/** Lines of a long list that are shown. */
const SHOWN = 8;
