/** Sizes of the network inputs: fixed by the model or bound by the user, never guessed. */
import { closest } from '../base/closest.js';
import { diagnostic, type Diagnostic } from '../diag/diagnostic.js';
import type { Dim, Graph, TensorInfo, ValueInfo } from '../ir/tensor.js';
import { isJoinedAlong } from './infer-empty.js';

/** Sizes by name: of a symbol (`batch`), or of one axis (`<tensor>.<axis>`). */
export type DimBindings = Readonly<Record<string, number>>;

export interface BoundInputs {
  readonly tensors: readonly TensorInfo[];
  readonly diagnostics: readonly Diagnostic[];
  /** Names of bindings that fix something. */
  readonly used: ReadonlySet<string>;
}

/** Every input with fixed sizes; an error per dimension that nothing fixes. */
export function bindInputs(graph: Graph, dims: DimBindings): BoundInputs {
  const used = new Set<string>();
  const open = openDimensions(graph).filter((name) => !Object.hasOwn(dims, name));
  const diagnostics: Diagnostic[] = [];
  const tensors = graph.inputs.flatMap((input): readonly TensorInfo[] => {
    const { name, dtype } = input;
    if (input.shape === undefined) {
      diagnostics.push(shapeless(input));
      return [];
    }
    const sizes = input.shape.map((dim, axis) => sizeOf(input, dim, axis, { graph, dims, used, open }));
    diagnostics.push(...sizes.flatMap((size) => (typeof size === 'number' ? [] : [size])));
    const shape = sizes.filter((size) => typeof size === 'number');
    if (shape.length < sizes.length) return [];
    // Without elements it is known.
    return shape.includes(0)
      ? [{ name, dtype, shape, constant: true, values: [] }]
      : [{ name, dtype, shape, constant: false }];
  });
  return { tensors, diagnostics, used };
}

function sizeOf(
  input: ValueInfo,
  dim: Dim,
  axis: number,
  {
    graph,
    dims,
    used,
    open,
  }: {
    readonly graph: Graph;
    readonly dims: DimBindings;
    readonly used: Set<string>;
    readonly open: readonly string[];
  },
): number | Diagnostic {
  if (dim.kind === 'fixed') return dim.size;
  const names = [...(dim.kind === 'symbol' ? [dim.name] : []), `${input.name}.${axis}`];
  const name = names.find((candidate) => Object.hasOwn(dims, candidate));
  const [suggested] = names;
  if (name === undefined) {
    if (isMeant(graph, input, dim, axis)) return 0;
    return diagnostic(
      'DF2001',
      `axis ${axis} of input "${input.name}" is ${openText(dim)}`,
      [{ kind: 'onnx', tensor: input.name }],
      {
        terms: [`"${input.name}" is ${shapeText(input.shape ?? [])}`],
        // All of them at once, so that one more run is enough.
        help:
          open.length > 1
            ? `bind all open dimensions: ${open.map((one) => `--dim ${one}=<size>`).join(' ')}`
            : `bind it with --dim ${suggested}=<size>`,
      },
    );
  }
  used.add(name);
  const size = dims[name]!;
  if (Number.isSafeInteger(size) && size >= 0) return size;
  return diagnostic(
    'DF2002',
    `--dim ${name}=${size} is no whole number`,
    [{ kind: 'onnx', tensor: input.name }],
    {
      help: `give ${name} a size of at least 1, or 0 where there is nothing`,
    },
  );
}

/** A size of 0 that stands for itself, and not for one that is unknown. */
const isMeant = (graph: Graph, { name, shape = [] }: ValueInfo, dim: Dim, axis: number): boolean =>
  dim.kind === 'unknown' && dim.stated === 0 && isJoinedAlong(graph, name, axis, shape.length);

function openText(dim: Exclude<Dim, { kind: 'fixed' }>): string {
  if (dim.kind === 'symbol') return `symbolic ("${dim.name}")`;
  return dim.stated === undefined
    ? 'unknown'
    : `${dim.stated} in the model, which stands for an unknown size`;
}

function shapeless({ name, dtype }: ValueInfo): Diagnostic {
  const isList = dtype === 'sequence' || dtype === 'map';
  const what = isList ? `is a ${dtype}, whose size only the run decides` : 'declares no shape';
  return diagnostic('DF2001', `input "${name}" ${what}`, [{ kind: 'onnx', tensor: name }], {
    help: isList
      ? 'export the model with tensors as inputs'
      : 'export the model with the shapes of its inputs',
  });
}

/** Names by which the open dimensions of all inputs can be bound, each once, in order. */
const openDimensions = (graph: Graph): readonly string[] => [
  ...new Set(
    graph.inputs.flatMap((input) =>
      (input.shape ?? []).flatMap((dim, axis) =>
        dim.kind === 'fixed' || isMeant(graph, input, dim, axis)
          ? []
          : dim.kind === 'symbol'
            ? [dim.name]
            : [`${input.name}.${axis}`],
      ),
    ),
  ),
];

/** A warning per binding that fixes nothing. */
export function unusedBindings(
  graph: Graph,
  dims: DimBindings,
  used: ReadonlySet<string>,
): readonly Diagnostic[] {
  const open = openDimensions(graph);
  return Object.keys(dims)
    .filter((name) => !used.has(name))
    .map((name) => {
      const near = closest(name, open);
      const listed =
        open.length === 0 ? 'no input has an open dimension' : `open dimensions: ${open.join(', ')}`;
      return diagnostic('DF2009', `--dim ${name} binds no dimension of an input`, [], {
        help: near === undefined ? listed : `did you mean ${near}?`,
      });
    });
}

export const shapeText = (shape: readonly Dim[]): string =>
  `[${shape.map((dim) => (dim.kind === 'fixed' ? String(dim.size) : dim.kind === 'symbol' ? dim.name : '?')).join(', ')}]`;
