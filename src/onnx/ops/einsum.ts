/** The shape rule of Einsum: sizes by label, an ellipsis for the leading axes that have none. */
import { stringAttr } from '../attrs.js';
import { illegal, mismatch, need, type Call } from './operator.js';

/** Labels before and after the ellipsis; without one, all of them before. */
interface Term {
  readonly head: readonly string[];
  readonly tail: readonly string[];
  readonly open: boolean;
}

function termOf(text: string): Term {
  const [head = '', tail] = text.split('...');
  return { head: Array.from(head), tail: Array.from(tail ?? ''), open: tail !== undefined };
}

const labelsOf = ({ head, tail }: Term): readonly string[] => [...head, ...tail];

/** Without an arrow: the ellipsis, then the labels that occur once, in alphabetical order. */
function impliedResult(terms: readonly Term[]): Term {
  const labels = terms.flatMap(labelsOf);
  const once = labels.filter((label) => labels.indexOf(label) === labels.lastIndexOf(label));
  return { head: [], tail: [...once].sort(), open: terms.some((term) => term.open) };
}

export function einsumShape(call: Call): readonly number[] {
  const equation = stringAttr(call.node, 'equation') ?? illegal(call, 'attribute equation is missing');
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',').map(termOf);
  const sizes = new Map<string, number>();
  let leading: readonly number[] = [];
  terms.forEach((term, i) => {
    const { name, shape } = need(call, i, 'operand');
    const rest = shape.length - labelsOf(term).length;
    if (rest < 0 || (rest > 0 && !term.open))
      mismatch(call, `"${name}" [${shape.join(', ')}] does not have the axes ${labelsOf(term).join('')}`);
    const named = [...shape.slice(0, term.head.length), ...shape.slice(term.head.length + rest)];
    labelsOf(term).forEach((label, axis) => sizes.set(label, Math.max(sizes.get(label) ?? 1, named[axis]!)));
    if (rest > leading.length) leading = shape.slice(term.head.length, term.head.length + rest);
  });
  const result = right === undefined ? impliedResult(terms) : termOf(right);
  const size = (label: string): number =>
    sizes.get(label) ?? illegal(call, `axis ${label} of the result is in no operand`);
  return [...result.head.map(size), ...(result.open ? leading : []), ...result.tail.map(size)];
}
