/**
 * An ONNX file -> the graph facet: decoded, checked for dangling and repeated tensors and cycles, nodes in
 * topological order, every node with a name of its own. Functions and operator versions are left as the file has
 * them (normalize-graph).
 */
import {
  adoptWeightInputs,
  assert,
  decodeModel,
  definePass,
  orderGraph,
  uniqueNodeNames,
} from '../src/kit.js';

export const importOnnx = definePass({
  name: 'import-onnx',
  summary: 'read an ONNX model into the graph facet',
  needs: [],
  makes: 'graph',
  options: {},
  run(_ir, _options, ctx) {
    assert(ctx.source, 'import-onnx runs without a model file');
    const decoded = decodeModel(ctx.source);
    const ordered = orderGraph(decoded.graph);
    const adopted = adoptWeightInputs(ordered.graph);
    for (const { code, message, at, ...details } of [
      ...decoded.diagnostics,
      ...ordered.diagnostics,
      ...adopted.diagnostics,
    ])
      ctx.diag(code, message, at, details);
    ctx.stat('nodes', adopted.graph.nodes.length);
    ctx.stat('initializers', adopted.graph.initializers.length);
    return uniqueNodeNames(adopted.graph);
  },
});
