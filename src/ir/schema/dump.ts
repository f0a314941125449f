/** The JSON dump as a JSON schema; `schemas/ir-v1.schema.json` is this object, and a test keeps the two equal. */
import { FACETS, type Facet, type Facets } from '../facets.js';
import type { OperandBits } from '../layer-precision.js';
import type {
  CostSettings,
  GivenInputs,
  LayerPrecisions,
  PassRecord,
  PluginRecord,
  Provenance,
} from '../provenance.js';
import { ALLOCATION_PLAN, ALLOCS_DEFS } from './allocs.js';
import {
  constant,
  list,
  object,
  oneOf,
  orNull,
  COUNT,
  POSITIVE,
  record,
  ref,
  STRING,
  type Schema,
} from './builders.js';
import { COST_SHEET, COSTS_DEFS } from './costs.js';
import { LAYERS_DEFS, STACK_PLAN, WORKLOAD } from './layers.js';
import { MODEL_DEFS, SHAPES } from './model.js';
import { TILE_PLAN, TILES_DEFS } from './tiles.js';

export const IR_VERSION = 1;

/** The file: version, name, the facets made so far, and how they were made (older files do not say). */
export interface IrDump {
  readonly irVersion: typeof IR_VERSION;
  readonly name: string;
  readonly facets: Partial<Facets>;
  readonly made?: Provenance;
}

const FACET_SCHEMAS: Readonly<Record<Facet, Schema>> = {
  graph: ref('graph'),
  shapes: SHAPES,
  layers: WORKLOAD,
  stacks: STACK_PLAN,
  tiles: TILE_PLAN,
  allocs: ALLOCATION_PLAN,
  costs: COST_SHEET,
};

const operandBits = { W: POSITIVE, I: POSITIVE, O: POSITIVE, psum: POSITIVE };

const GIVEN = object<GivenInputs>(
  {
    dims: record(COUNT),
    precision: object<OperandBits>(operandBits, 'W', 'I', 'O', 'psum'),
    layerPrecisions: object<LayerPrecisions>({
      file: orNull(STRING),
      layers: list(
        object<LayerPrecisions['layers'][number]>({ layer: STRING, ...operandBits }, 'W', 'I', 'O', 'psum'),
      ),
    }),
  },
  'dims',
  'precision',
  'layerPrecisions',
);

const PROVENANCE = object<Provenance>(
  {
    accelerator: { type: 'object', description: 'the accelerator that the passes were given' },
    settings: object<CostSettings>({ profile: STRING, lpfLimit: orNull(POSITIVE) }),
    given: GIVEN,
    passes: list(
      object<PassRecord>(
        {
          pass: STRING,
          makes: oneOf(...FACETS),
          plugin: object<PluginRecord>({ name: STRING, file: orNull(STRING) }),
        },
        'plugin',
      ),
    ),
  },
  'settings',
  'given',
);

export const IR_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'ir-v1.schema.json',
  title: 'Dump of the intermediate representation',
  ...object<IrDump>(
    {
      irVersion: constant(IR_VERSION),
      name: STRING,
      facets: object<Partial<Facets>>(FACET_SCHEMAS, ...FACETS),
      made: PROVENANCE,
    },
    'made',
  ),
  $defs: { ...MODEL_DEFS, ...LAYERS_DEFS, ...TILES_DEFS, ...ALLOCS_DEFS, ...COSTS_DEFS },
};

/** One facet by itself. */
export const facetSchema = (facet: Facet): Schema => ({ ...FACET_SCHEMAS[facet], $defs: IR_SCHEMA.$defs });
