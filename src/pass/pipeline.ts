/**
 * Pipelines that are checked by the compiler: `step` accepts a pass only where every facet it needs is present
 * and fresh. The built-in pipelines are written this way, so that a wrong order does not build.
 */
import type { Facet, Step } from '../ir/facets.js';
import type { Pass } from './pass.js';
import { printPipeline, type PassSpec } from './spec.js';

/** The pass itself where it fits; otherwise a type that names what is missing. */
type Fitting<S extends Facet, N extends Facet, P> = [N] extends [S]
  ? P
  : { readonly missing: Exclude<N, S> } & P;

/** `S`: the facets present after the steps so far. */
export class Pipeline<S extends Facet> {
  /** Facets are a matter of types alone; this keeps two pipelines with different ones apart. */
  declare readonly facets: S;

  private constructor(private readonly passes: readonly PassSpec[]) {}

  static start(): Pipeline<never> {
    return new Pipeline([]);
  }

  step<N extends Facet, M extends Facet, O extends object>(
    pass: Fitting<S, N, Pass<N, M, O>>,
    options: Partial<O> = {},
  ): Pipeline<Step<S, M>> {
    const { name } = pass as Pass<N, M, O>;
    const at = { kind: 'spec', text: name, offset: 0, length: name.length } as const;
    const specs = Object.entries(options).map(([key, value]) => ({
      key,
      value: String(value),
      at,
      valueAt: at,
    }));
    return new Pipeline([...this.passes, { name, options: specs, at }]);
  }

  /** The pipeline string. */
  toString(): string {
    return printPipeline(this.passes);
  }
}
