/**
 * The graph in one form, whatever wrote it: local functions inlined, every operator in its newest form, Constant
 * nodes as initializers, settled control flow unrolled, Identity and Dropout gone, names unique. Names of inputs and outputs never change.
 */
import {
  coerceAttributes,
  definePass,
  definedTensors,
  dropEmptyInputs,
  evenOpset,
  foldConstants,
  foldControlFlow,
  inlineFunctions,
  pruneInitializers,
  removeIdentities,
  uniqueNodeNames,
  withParts,
  type Diagnostic,
  type GraphNode,
} from '../src/kit.js';

export const normalizeGraph = definePass({
  name: 'normalize-graph',
  summary: 'inline functions, even out operator versions, fold control flow, remove Identity and Dropout',
  needs: ['graph'],
  makes: 'graph',
  options: {},
  run({ graph }, _options, ctx) {
    const report = (diagnostics: readonly Diagnostic[]): void => {
      for (const { code, message, at, ...details } of diagnostics) ctx.diag(code, message, at, details);
    };
    const toNewest = (
      nodes: readonly GraphNode[],
      opsets: Readonly<Record<string, number>>,
      taken: () => Iterable<string>,
    ): readonly GraphNode[] => {
      const coerced = coerceAttributes(nodes);
      report(coerced.diagnostics);
      return evenOpset(coerced.nodes, opsets[''] ?? Infinity, taken);
    };
    const named = uniqueNodeNames(graph);
    const newest = withParts(
      named,
      toNewest(named.nodes, named.opsets, () => definedTensors(named)),
    );
    const inlined = inlineFunctions(newest, (nodes, opsets) => toNewest(nodes, opsets, () => []));
    const straight = foldControlFlow(foldConstants(inlined), ctx.dims);
    report(straight.diagnostics);
    const { graph: direct, diagnostics } = removeIdentities(straight.graph);
    report(diagnostics);
    const result = uniqueNodeNames(pruneInitializers(dropEmptyInputs(direct)));
    ctx.stat('nodes removed', Math.max(0, inlined.nodes.length - result.nodes.length));
    ctx.stat('functions inlined', graph.functions.length);
    return result;
  },
});
