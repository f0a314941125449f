/** Equations of Einsum, and its shape rule: sizes by label, an ellipsis for the leading axes that have none. */
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

interface Equation {
  readonly terms: readonly Term[];
  readonly result: Term;
}

function equationOf(call: Call): Equation {
  const equation = stringAttr(call.node, 'equation') ?? illegal(call, 'attribute equation is missing');
  const [left = '', right] = equation.replaceAll(' ', '').split('->');
  const terms = left.split(',').map(termOf);
  return { terms, result: right === undefined ? impliedResult(terms) : termOf(right) };
}

/** A label for every axis of every operand and of the result; axes under an ellipsis are numbered from the last one. */
export function einsumTerms(call: Call): {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
} {
  const { terms, result } = equationOf(call);
  const leading = terms.map((term, i) => need(call, i, 'operand').shape.length - labelsOf(term).length);
  const spelled = ({ head, tail, open }: Term, hidden: number): readonly string[] => [
    ...head,
    ...Array.from({ length: open ? hidden : 0 }, (_, k) => `${hidden - k}`),
    ...tail,
  ];
  return {
    operands: terms.map((term, i) => spelled(term, leading[i] ?? 0)),
    result: spelled(result, Math.max(0, ...leading)),
  };
}

export function einsumShape(call: Call): readonly number[] {
  const { terms, result } = equationOf(call);
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
  const size = (label: string): number =>
    sizes.get(label) ?? illegal(call, `axis ${label} of the result is in no operand`);
  return [...result.head.map(size), ...(result.open ? leading : []), ...result.tail.map(size)];
}
