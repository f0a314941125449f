/** The pass-author API: the only module that passes and plugins import. */
export { definePass } from './pass/pass.js';
export type { AnyPass, OptionSchema, Pass, PassContext } from './pass/pass.js';
export { Pipeline } from './pass/pipeline.js';
export type { NamedPipeline } from './pass/registry.js';
export type { Facet, Facets, IR } from './ir/facets.js';
// The ONNX front door.
export { assert } from './base/assert.js';
export { allBytes } from './base/byte-source.js';
export { decodeModel } from './onnx/decode.js';
export { orderGraph } from './onnx/order-graph.js';
export { adoptWeightInputs } from './onnx/weight-inputs.js';
export { definedTensors } from './ir/graph-view.js';
export { coerceAttributes } from './onnx/normalize/attribute-types.js';
export { dropEmptyInputs, foldConstants, pruneInitializers } from './onnx/normalize/constants.js';
export { foldControlFlow } from './onnx/normalize/control-flow.js';
export { evenOpset } from './onnx/normalize/even-opset.js';
export { inlineFunctions } from './onnx/normalize/inline-functions.js';
export { uniqueNodeNames } from './onnx/normalize/names.js';
export { removeIdentities } from './onnx/normalize/remove-identities.js';
export type { Graph, GraphNode } from './ir/tensor.js';
export type { Diagnostic } from './diag/diagnostic.js';
export { chooseUnrolling } from './mapping/spatial.js';
// Decisions: stacks, tiles, modes.
export { known } from './base/assert.js';
export { closest } from './base/closest.js';
export { finder } from './base/finder.js';
export { bareName, layerId, stackId } from './base/ids.js';
export type { LayerId } from './base/ids.js';
export { sizeText } from './base/units.js';
export { fail } from './diag/diagnostic.js';
export type { Layer } from './ir/layer.js';
export { OVERLAP_MODES, parseTile } from './ir/stack.js';
export type { OverlapMode, Stack, StackPlan } from './ir/stack.js';
export { cutUnits } from './analysis/legal-stacks.js';
export { cutAfter, fuseUnits, loseFirstCut, singleLayers } from './analysis/partition.js';
export { hierarchyOf, weightCapacity } from './schedule/hierarchy.js';
export { planStacks, STACK_RULES } from './schedule/plan-stacks.js';
export type { StackRule } from './schedule/plan-stacks.js';
// Consequences: tiles, levels, costs.
export type { AllocationPlan, Infeasibility, StackAllocation } from './ir/alloc.js';
export type { CostSheet, StackCost } from './ir/cost.js';
export type { TiledStack, TilePlan } from './ir/tile.js';
export { allocateStack } from './schedule/allocate-stack.js';
export type { InfeasibleAllocation } from './schedule/allocate-stack.js';
export { mapperFor } from './schedule/mapper-for.js';
export { handOverOf } from './schedule/hand-over.js';
export { costStack } from './schedule/cost-stack.js';
export { tileStack } from './schedule/tile-stack.js';
export { totalsOfStacks } from './schedule/totals.js';
// Shapes and layers.
export { channelClashes, parseLayerTable } from './ir/load-layers.js';
export { inferTensors } from './onnx/infer.js';
export { precisionsByName, unmatchedPrecisions } from './onnx/layer-precisions.js';
export { lowerGraph } from './onnx/lower.js';
export { wholeOperandsFirst } from './analysis/layer-order.js';
export { uncountable } from './analysis/countable.js';
export { verifyWorkload } from './ir/verify/layers.js';
export { macsOfLayers, paddedLayers, sizesFromSinks } from './analysis/sizes-from-sinks.js';
export { grouped } from './base/units.js';
export type { Shapes } from './ir/tensor.js';
export type { Workload } from './ir/layer.js';
// Search.
export { OBJECTIVES } from './ir/search.js';
export type { Objective } from './ir/search.js';
export { optimizeSchedule } from './optimize/search.js';
export type { Optimized } from './optimize/search.js';
export type { CandidateSettings } from './optimize/tile-candidates.js';
export type { Stretch } from './optimize/stretches.js';
