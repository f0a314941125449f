/** What a pass is: a pure function from the facets it needs to the one facet it makes. */
import type { ByteSource } from '../base/byte-source.js';
import type { Details, Location } from '../diag/diagnostic.js';
import type { Code } from '../diag/codes.js';
import type { Profile } from '../base/profile.js';
import type { Accelerator, Precision } from '../hw/accelerator.js';
import type { StackDecision, StackEvaluation } from '../ir/evaluation.js';
import type { Facet, Facets, IR } from '../ir/facets.js';
import type { LayerPrecision } from '../ir/layer-precision.js';
import type { LayerTileMapper, NamedMapper } from '../ir/layer-tile.js';

/** A JSON-schema fragment of one element of a list. */
export interface ElementSchema {
  readonly type: 'string' | 'number' | 'integer' | 'boolean';
  readonly enum?: readonly (string | number)[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A JSON-schema fragment of one option, with its default and one line of description. */
export interface OptionSchema extends Omit<ElementSchema, 'type'> {
  readonly type: ElementSchema['type'] | 'array';
  readonly description: string;
  readonly default: unknown;
  /** Of a list; absent: its elements are texts. */
  readonly items?: ElementSchema;
}

/** The type of the values that a schema admits. */
type ValueOf<S extends Pick<OptionSchema, 'type'>> = S extends { readonly enum: readonly (infer V)[] }
  ? V
  : {
      readonly string: string;
      readonly number: number;
      readonly integer: number;
      readonly boolean: boolean;
      readonly array: readonly (S extends { readonly items: infer E extends ElementSchema }
        ? ValueOf<E>
        : string)[];
    }[S['type']];

type OptionSchemas = Readonly<Record<string, OptionSchema>>;
export type OptionsOf<S extends OptionSchemas> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** The input of an importer. */
export interface ModelSource {
  /** As the user named it. */
  readonly file: string;
  /** In memory, or a file that is read by position. */
  readonly bytes: Uint8Array | ByteSource;
}

export interface PassContext {
  readonly hw: Accelerator;
  readonly profile: Profile;
  /** The model file: importers only. */
  readonly source: ModelSource | undefined;
  /** Symbolic dimensions bound by the user. */
  readonly dims: Readonly<Record<string, number>>;
  /** Operand precisions the user overrides, bits. */
  readonly precision: Readonly<Partial<Precision>>;
  /** And of single layers. */
  readonly precisions: readonly LayerPrecision[];
  /** Finds the best temporal mapping of a layer tile; memoised for the whole run. */
  readonly mapper: LayerTileMapper;
  /**
   * What a stack would come to: tiles, levels, energy and latency, or why it is infeasible. The pass must need
   * `layers`. Memoised for the whole run; ids in the answer are those of a plan of this stack alone.
   */
  readonly costOf: (stack: StackDecision) => StackEvaluation;
  /** By what they minimise: those a stack may be mapped with; `mapper` is the first. */
  readonly mappers: readonly NamedMapper[];
  /** Whether there are mappings given by the user, which go by name: layers that are alike may have different ones. */
  readonly mappingsGiven: boolean;
  /** Whether the time given to a search is up: it then answers with the best it has. Never, unless someone said so. */
  readonly outOfTime: () => boolean;
  /** Whether that may ever be: a search that may be cut sees to it that it has something to answer. */
  readonly budgeted: boolean;
  readonly diag: (code: Code, message: string, at?: readonly Location[], details?: Details) => void;
  readonly stat: (name: string, count: number) => void;
  /** Reports progress on long work; a no-op unless someone watches. */
  readonly progress: (done: number, total: number, label: string) => void;
}

export interface Pass<N extends Facet, M extends Facet, O extends object> {
  /** verb-noun in kebab case; plugins prefix `vendor/`. */
  readonly name: string;
  readonly summary: string;
  readonly needs: readonly N[];
  readonly makes: M;
  readonly options: { readonly [K in keyof O]: OptionSchema };
  run(ir: IR<N>, options: O, ctx: PassContext): Facets[M] | Promise<Facets[M]>;
}

/** A pass as it is: its types follow from `needs`, `makes` and the schemas of its options. */
export const definePass = <
  const N extends Facet,
  const M extends Facet,
  const S extends { readonly [K in keyof O]: OptionSchema },
  O extends object = OptionsOf<S>,
>(
  pass: Omit<Pass<N, M, O>, 'options' | 'run'> & {
    readonly options: S;
    run(ir: IR<N>, options: O, ctx: PassContext): Facets[M] | Promise<Facets[M]>;
  },
): Pass<N, M, O> => pass;

/** Erased once, in the registry, where specs are matched with passes by name. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the registry is the one place where options lose their type
export type AnyPass = Pass<any, Facet, any>;
