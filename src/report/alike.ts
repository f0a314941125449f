/**
 * Stacks that are alike: equal in everything but names, so that one says what there is to say of all. Names at the
 * same places correspond one to one; whatever else the report has of two stacks is the same, to the last bit.
 */
import { finder } from '../base/finder.js';
import { equalData, Renaming } from '../base/renaming.js';
import type { ModelLayer, ScheduleReport, StackReasonReport, StackReport } from './report.js';

/** Kinds of stacks of equal cost that are told apart; nearly always there is one. */
const MOST_KINDS = 16;

/** Of every stack the first one that it is like, which may be itself: an index into `stacks`. */
export function firstAlike({ stacks, model, search }: ScheduleReport): readonly number[] {
  const said = (stack: StackReport): readonly unknown[] => [
    search && reasonFor(search.stacks, stack.id),
    stack.layers.map((layer) => ofLayer(layerNamed(model.layers, layer))),
    stack,
  ];
  const byCost = new Map<string, number[]>();
  return stacks.map((stack, s) => {
    const key = `${stack.layers.length} ${stack.energyPj} ${stack.latencyCycles}`;
    const kinds = byCost.get(key) ?? [];
    const first = kinds.find((kind) => equal(said(stacks[kind]!), said(stack)));
    if (first === undefined) byCost.set(key, [...kinds, s].slice(-MOST_KINDS));
    return first ?? s;
  });
}

const layerNamed = finder((layer: ModelLayer) => layer.layer);
const reasonFor = finder((reason: StackReasonReport) => reason.stack);

/** What a stack's section takes from the model. */
const ofLayer = (layer: ModelLayer | undefined): unknown =>
  layer && [
    layer.op,
    layer.loopDims,
    layer.weightBits,
    layer.postOps.map(({ op }) => op),
    { map: layer.output },
  ];

/** Keys of the report under which a text is the name of a stack, layer or map. */
export const NAMES: ReadonlySet<string> = new Set([
  'id',
  'stack',
  'layer',
  'layers',
  'part',
  'before',
  'map',
  'sinks',
]);

function equal(one: unknown, other: unknown): boolean {
  const names = new Renaming();
  return equalData(one, other, (a, b, key) => (NAMES.has(key) ? names.pair(a, b) : a === b));
}
