/**
 * Invariants of the shapes facet (all DF2090):
 * - every tensor that the graph feeds, stores or computes is there, once, and nothing else is;
 * - sizes are whole and not negative, elements can be counted exactly, and values, where given, are as many as the shape holds.
 */
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import { definedTensors } from '../graph-view.js';
import type { Graph, Shapes, TensorInfo } from '../tensor.js';
import { each, NOTHING } from './find.js';

export function verifyShapes(graph: Graph, shapes: Shapes): Diagnostic[] {
  const counts = new Map<string, number>();
  for (const { name } of shapes.tensors) counts.set(name, (counts.get(name) ?? 0) + 1);
  const defined = definedTensors(graph);
  return [
    ...[...defined].filter((name) => !counts.has(name)).map((name) => broken(name, 'has no shape')),
    ...(counts.size === shapes.tensors.length
      ? NOTHING
      : [...counts].filter(([, count]) => count > 1).map(([name]) => broken(name, 'is listed twice'))),
    ...each(shapes.tensors, ({ name }) =>
      defined.has(name) ? NOTHING : [broken(name, 'is no tensor of the graph')],
    ),
    ...each(shapes.tensors, impossible),
  ];
}

function impossible({ name, shape, values }: TensorInfo): readonly Diagnostic[] {
  const text = (): string => `[${shape.join(', ')}]`;
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0))
    return [broken(name, `has shape ${text()}`)];
  const elements = shape.reduce((product, size) => product * size, 1);
  if (!Number.isSafeInteger(elements))
    return [broken(name, `of shape ${text()} has more elements than can be counted`)];
  return values !== undefined && values.length !== elements
    ? [broken(name, `of shape ${text()} has ${values.length} values`)]
    : NOTHING;
}

const broken = (name: string, what: string): Diagnostic =>
  diagnostic('DF2090', `tensor "${name}" ${what}`, [{ kind: 'ir', facet: 'shapes', id: name }]);
