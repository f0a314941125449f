/**
 * The pass-author API: the only module that passes and plugins import, and what plugins get as `kit`. The first part
 * is what heuristics are written with (docs/adding-a-pass.md); the second is what the built-in passes are made of,
 * open to who replaces one of them.
 */
// Passes and pipelines.
export { definePass } from './pass/pass.js';
export type { AnyPass, OptionSchema, OptionsOf, Pass, PassContext } from './pass/pass.js';
export { Pipeline } from './pass/pipeline.js';
export type { NamedPipeline } from './pass/registry.js';
export type { Facet, Facets, IR } from './ir/facets.js';
export type { FeatureMap, Layer, Workload } from './ir/layer.js';
export type { OverlapMode, Stack, StackPlan, TileSize } from './ir/stack.js';
export type { StackDecision, StackEvaluation } from './ir/evaluation.js';
export type { LayerId, TensorId } from './base/ids.js';
export type { Diagnostic } from './diag/diagnostic.js';
// Cuts, and plans made of them.
export { cutAfter, cutBefore, cutWhere, isStack, legalCuts, smallestStacks, units } from './planning/cuts.js';
export type { Cut } from './planning/cuts.js';
export { planOf, stackOf } from './planning/plan.js';
export type { Execution, Layers, Planner } from './planning/plan.js';
export { OVERLAP_MODES, parseTile, TILE_PATTERN } from './ir/stack.js';
// What to weigh.
export {
  layerOf,
  mapBits,
  outputOf,
  producersOf,
  readersOf,
  receptiveField,
  recomputeOf,
  recomputeSavedByCut,
  weightBitsOf,
  weightRoomBits,
} from './planning/measure.js';
export type { Patch, Recompute } from './planning/measure.js';
// Saying things.
export { bareName, layerId, stackId } from './base/ids.js';
export { grouped, groupedDown, sizeText } from './base/units.js';
export { closest } from './base/closest.js';
export { fail } from './diag/diagnostic.js';

// What the built-in passes are made of. The ONNX front door:
export { assert, known } from './base/assert.js';
export { allBytes } from './base/byte-source.js';
export { finder } from './base/finder.js';
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
export { withParts } from './onnx/subgraphs.js';
export type { Graph, GraphNode } from './ir/tensor.js';
// Shapes and layers:
export { channelClashes, parseLayerTable } from './ir/load-layers.js';
export { inferTensors } from './onnx/infer.js';
export { precisionsByName, unmatchedPrecisions } from './onnx/layer-precisions.js';
export { lowerGraph } from './onnx/lower.js';
export { wholeOperandsFirst } from './analysis/layer-order.js';
export { uncountable } from './analysis/countable.js';
export { verifyWorkload } from './ir/verify/layers.js';
export { macsOfLayers, paddedLayers, sizesFromSinks } from './analysis/sizes-from-sinks.js';
export type { Shapes } from './ir/tensor.js';
export { chooseUnrolling } from './mapping/spatial.js';
export { unrollingsWorthSearching } from './mapping/legal-unrollings.js';
export { unrollingsOf } from './schedule/layer-problem.js';
// Rules that cut:
export { planStacks, STACK_RULES } from './planning/rules.js';
export type { StackRule } from './planning/rules.js';
// Consequences: tiles, levels, costs.
export { hierarchyOf } from './schedule/hierarchy.js';
export type { AllocationPlan, Infeasibility, StackAllocation } from './ir/alloc.js';
export type { CostSheet, StackCost } from './ir/cost.js';
export { acrossItems } from './ir/items.js';
export type { TiledStack, TilePlan } from './ir/tile.js';
export { allocateStack } from './schedule/allocate-stack.js';
export type { InfeasibleAllocation } from './schedule/allocate-stack.js';
export { mapperFor } from './schedule/mapper-for.js';
export { handOversOf } from './schedule/hand-over.js';
export type { HandOver } from './schedule/hand-over.js';
export { overAlike } from './ir/over-alike.js';
export { costStack } from './schedule/cost-stack.js';
export { tileStack } from './schedule/tile-stack.js';
export { totalsOfStacks } from './schedule/totals.js';
// Search:
export { OBJECTIVES } from './ir/search.js';
export type { Objective } from './ir/search.js';
export { optimizeSchedule } from './optimize/search.js';
export type { Optimized } from './optimize/search.js';
export type { CandidateSettings } from './optimize/tile-candidates.js';
export type { Stretch } from './optimize/stretches.js';
