/** Schema of the facets layers and stacks. */
import type { Alias, Border, FeatureMap, InputOperand, Layer, LoopSize } from '../layer.js';
import type {
  OutputOperand,
  PostOp,
  Provenance,
  Share,
  Source,
  Unrolling,
  WindowIndex,
  Workload,
} from '../layer.js';
import type { StackPlan } from '../stack.js';
import {
  object,
  list,
  constant,
  oneOf,
  ref,
  orNull,
  union,
  STRING,
  NUMBER,
  INTEGER,
  COUNT,
  AMOUNT,
  LAYER,
  MAP,
  LOOP_DIM,
  xy,
} from './builders.js';
import { SCHEDULE_SEARCH, STACK_DECISION } from './search.js';

type RegionOf<K extends Source['x']['kind']> = Extract<Source['x'], { kind: K }>;
const region = union(
  object<RegionOf<'same'>>({ kind: constant('same') }),
  object<RegionOf<'window'>>({
    kind: constant('window'),
    stride: COUNT,
    dilation: COUNT,
    kernel: COUNT,
    before: INTEGER,
    after: INTEGER,
  }),
  object<RegionOf<'scale'>>(
    {
      kind: constant('scale'),
      ...{ mul: NUMBER, div: NUMBER, lo: NUMBER, hi: NUMBER },
      border: object<Border>({ near: COUNT, far: COUNT }),
    },
    'border',
  ),
  object<RegionOf<'full'>>({ kind: constant('full') }),
);
const loopSize = object<LoopSize>({ dim: LOOP_DIM, size: COUNT });
const unrolling = object<Unrolling>({ array: STRING, dim: LOOP_DIM, size: AMOUNT });
const inputOperand = object<InputOperand>(
  {
    name: oneOf('W', 'I', 'X', 'Y'),
    path: oneOf('W', 'I'),
    bits: COUNT,
    dims: list(LOOP_DIM),
    windows: list(
      object<WindowIndex>({
        axis: oneOf('x', 'y'),
        out: oneOf('OX', 'OY'),
        kernel: oneOf('FX', 'FY'),
        stride: COUNT,
        dilation: COUNT,
      }),
    ),
    share: object<Share>({ exist: COUNT, of: COUNT }),
    sources: list(
      object<Source>(
        {
          map: MAP,
          elementsPerPixel: COUNT,
          first: COUNT,
          x: ref('region'),
          y: ref('region'),
          share: AMOUNT,
        },
        'first',
        'share',
      ),
    ),
  },
  'share',
);
const layer = object<Layer>(
  {
    id: LAYER,
    op: STRING,
    kind: oneOf('mac', 'vector', 'move'),
    coverage: oneOf('exact', 'approximate', 'generic'),
    src: list(object<Provenance>({ node: INTEGER, name: STRING, opType: STRING })),
    loops: list(ref('loopSize')),
    output: object<OutputOperand>({ map: MAP, dims: list(LOOP_DIM), psumBits: COUNT, bits: COUNT }),
    inputs: list(inputOperand),
    upsample: xy(COUNT),
    weightBits: COUNT,
    macs: COUNT,
    passes: COUNT,
    postOps: list(object<PostOp>({ op: STRING, name: STRING, parameterBits: COUNT })),
    span: COUNT,
    itemRows: COUNT,
    unknownMacs: constant(true),
    unrolling: list(ref('unrolling')),
    otherUnrollings: list(list(ref('unrolling'))),
  },
  'span',
  'itemRows',
  'unknownMacs',
  'unrolling',
  'otherUnrollings',
);
export const WORKLOAD = object<Workload>(
  {
    layers: list(layer),
    maps: list(
      object<FeatureMap>(
        {
          id: MAP,
          producer: orNull(LAYER),
          elementsPerPixel: COUNT,
          width: COUNT,
          height: COUNT,
          bits: COUNT,
          elementsAfterCut: COUNT,
        },
        'elementsAfterCut',
      ),
    ),
    outputs: list(MAP),
    aliases: list(object<Alias>({ op: STRING, name: STRING, of: list(MAP) })),
    origin: constant('table'),
    macs: COUNT,
  },
  'origin',
);
export const STACK_PLAN = object<StackPlan>(
  {
    by: STRING,
    stacks: list(STACK_DECISION),
    search: SCHEDULE_SEARCH,
  },
  'search',
);

export const LAYERS_DEFS = { loopSize, region, unrolling };
