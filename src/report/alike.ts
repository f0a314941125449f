/**
 * Stacks that are alike: equal in everything but names, so that one says what there is to say of all. Names at the
 * same places correspond one to one; whatever else the report has of two stacks is the same, to the last bit.
 */
import { finder } from '../base/finder.js';
import { firstAlikeOf } from '../base/first-alike.js';
import { originalOf } from '../ir/over-alike.js';
import { equalData, Renaming } from '../base/renaming.js';
import type { ModelLayer, ScheduleReport, StackReasonReport, StackReport } from './report.js';

/** Of every stack the first one that it is like, which may be itself: an index into `stacks`. */
export const firstAlike = (report: ScheduleReport): readonly number[] =>
  firstAlikeOf(
    report.stacks,
    ({ layers, energyPj, latencyCycles }) => `${layers.length} ${energyPj} ${latencyCycles}`,
    (one, other) => isAlike(report, one, other),
  );

/** What the sections of both are made from. */
function isAlike({ model, search }: ScheduleReport, one: StackReport, other: StackReport): boolean {
  const names = new Renaming();
  const isSame = (a: unknown, b: unknown): boolean =>
    equalData(a, b, (text, there, key) => (NAMES.has(key) ? names.pair(text, there) : text === there));
  const layersOf = ({ layers }: StackReport): readonly unknown[] =>
    layers.map((layer) => ofLayer(layerNamed(model.layers, layer)));
  return (
    isSame({ layers: one.layers }, { layers: other.layers }) &&
    (search === undefined || isSame(reasonFor(search.stacks, one.id), reasonFor(search.stacks, other.id))) &&
    isSame(layersOf(one), layersOf(other)) &&
    // Of copies of one report it is known.
    (originalOf(one) === originalOf(other) || isSame(one, other))
  );
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
