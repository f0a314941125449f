/** Passes without substance for tests of the shell: each makes a facet that only says who made it. */
import type { Facet, Facets } from '../../src/ir/facets.js';
import type { AnyPass, OptionSchema, PassContext } from '../../src/pass/pass.js';

export interface FakeBehaviour {
  readonly options?: Readonly<Record<string, OptionSchema>>;
  readonly run?: (ir: object, options: object, ctx: PassContext) => unknown;
}

export const fakePass = (
  name: string,
  needs: readonly Facet[],
  makes: Facet,
  behaviour: FakeBehaviour = {},
): AnyPass => ({
  name,
  summary: `makes ${makes}`,
  needs,
  makes,
  options: behaviour.options ?? {},
  run: (ir: object, options: object, ctx) =>
    (behaviour.run?.(ir, options, ctx) ?? { by: name }) as Facets[Facet],
});

const TILE: OptionSchema = {
  type: 'string',
  pattern: '^\\d+x\\d+$',
  default: '1x1',
  description: 'columns x rows',
};
const DEPTH: OptionSchema = { type: 'integer', minimum: 1, default: 3, description: 'layers per stack' };
const CUTS: OptionSchema = { type: 'array', default: [], description: 'names of layers' };
const EXACT: OptionSchema = { type: 'boolean', default: false, description: 'no rounding' };
const BY: OptionSchema = { type: 'string', enum: ['auto', 'one'], default: 'auto', description: 'the rule' };

/** The shape of the real pipeline, from a model to tiles. */
export const FAKES: readonly AnyPass[] = [
  fakePass('read', [], 'graph'),
  fakePass('lower', ['graph'], 'layers'),
  fakePass('cut', ['layers'], 'stacks', { options: { by: BY, depth: DEPTH, cuts: CUTS, exact: EXACT } }),
  fakePass('choose', ['stacks'], 'stacks', { options: { tile: TILE } }),
  fakePass('tile', ['layers', 'stacks'], 'tiles'),
  fakePass('allocate', ['layers', 'tiles'], 'allocs'),
];
