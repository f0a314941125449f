/** The graph facet of a model, made by the passes themselves. */
import type { Diagnostic } from '../../src/diag/diagnostic.js';
import { diagnostic } from '../../src/diag/diagnostic.js';
import type { Graph } from '../../src/ir/tensor.js';
import type { PassContext } from '../../src/pass/pass.js';
import { importOnnx } from '../../passes/import-onnx.js';
import { normalizeGraph } from '../../passes/normalize-graph.js';

export interface Imported {
  readonly graph: Graph;
  readonly diagnostics: readonly Diagnostic[];
  readonly codes: readonly string[];
}

/** Passes of the graph facet read nothing else of their context. */
function context(bytes: Uint8Array, found: Diagnostic[]): PassContext {
  const source = { file: 'test.onnx', bytes };
  const diag: PassContext['diag'] = (...args) => void found.push(diagnostic(...args));
  return {
    source,
    diag,
    dims: {},
    stat: () => undefined,
    progress: () => undefined,
  } as unknown as PassContext;
}

const result = (graph: Graph, diagnostics: readonly Diagnostic[]): Imported => ({
  graph,
  diagnostics,
  codes: diagnostics.map(({ code }) => code),
});

export async function imported(bytes: Uint8Array): Promise<Imported> {
  const found: Diagnostic[] = [];
  const graph = await importOnnx.run({ name: 'test' }, {}, context(bytes, found));
  return result(graph, found);
}

/** import-onnx, then normalize-graph; diagnostics of both. */
export async function normalized(bytes: Uint8Array): Promise<Imported> {
  const { graph: asRead, diagnostics } = await imported(bytes);
  const found = [...diagnostics];
  const graph = await normalizeGraph.run({ name: 'test', graph: asRead }, {}, context(bytes, found));
  return result(graph, found);
}
