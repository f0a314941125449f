/**
 * Option values from text. Every function throws a DiagnosticError that shows the option as it was typed, with a
 * caret under the part that is wrong. Values that a pass checks itself (tile, mode, stacks) are not checked here.
 */
import { closest } from '../base/closest.js';
import { fail, type Location } from '../diag/diagnostic.js';
import type { Precision } from '../hw/accelerator.js';

/** What commander hands over for `compile`, by its camel-cased names. */
export interface CompileOptions extends ModelOptions {
  readonly tile?: string;
  readonly mode?: string;
  readonly stacks?: string;
  readonly profile?: string;
  readonly lpfLimit?: string;
  readonly mapping?: string;
  readonly passes?: string;
  readonly pipeline?: string;
  readonly fromIr?: string;
  readonly stopAfter?: string;
  readonly verify?: string;
  readonly printIrBefore?: string;
  readonly printIrAfter?: string;
  readonly printIrAfterAll?: boolean;
  readonly printIrAfterChange?: boolean;
  readonly printIrAfterFailure?: boolean;
  readonly dumpDir?: string;
  readonly timePasses?: boolean;
  readonly passStats?: boolean;
  readonly reproducer?: string;
  readonly output?: string;
}

export interface ModelOptions {
  readonly accelerator?: string;
  readonly dim?: readonly string[];
  readonly precision?: string;
  readonly format?: string;
  readonly diagnostics?: string;
}

/** The place of a part of an option's value: `--precision W=x`, caret under `x`. */
export function valuePlace(flag: string, value: string, part = value): Location {
  const text = `${flag} ${value}`;
  return {
    kind: 'spec',
    text,
    offset: flag.length + 1 + Math.max(0, value.indexOf(part)),
    length: part.length,
  };
}

/** One of a few words. */
export function choiceOf<T extends string>(
  flag: string,
  value: string | undefined,
  words: readonly T[],
  otherwise: T,
): T {
  if (value === undefined) return otherwise;
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const near = closest(value, words);
  const help = near === undefined ? `${flag} is one of ${words.join(', ')}` : `did you mean "${near}"?`;
  return fail('DF8008', `${flag} cannot be "${value}"`, [valuePlace(flag, value)], { help });
}

/** `6`, or `none`: no limit. */
export function lpfLimitOf(value: string | undefined): number | null | undefined {
  if (value === undefined) return undefined;
  if (value === 'none') return null;
  return positiveInteger('--lpf-limit', value, value, 'give a whole number from 1, or none');
}

const OPERANDS = ['W', 'I', 'O', 'psum'] as const;

/** `W=8,I=8,O=8,psum=16`, or some of them. */
export function precisionOf(value: string | undefined): Partial<Precision> {
  const help = 'give bits per operand, such as W=8,I=8,O=8,psum=16';
  const entries = (value === undefined ? [] : value.split(',')).map((part) => {
    const [key = '', bits = ''] = part.split('=');
    const operand = OPERANDS.find((name) => name === key);
    if (operand === undefined)
      return fail(
        'DF8008',
        `there is no precision for "${key}"`,
        [valuePlace('--precision', value ?? '', part)],
        { help },
      );
    return [operand, positiveInteger('--precision', value ?? '', bits, help, part)] as const;
  });
  return Object.fromEntries(entries);
}

/** `name=value`, each name once. */
export function dimsOf(values: readonly string[] | undefined): Readonly<Record<string, number>> {
  const dims = new Map<string, number>();
  for (const value of values ?? []) {
    const equals = value.lastIndexOf('=');
    const help = 'write --dim name=value with a whole number from 1, such as --dim batch=1';
    if (equals < 1) fail('DF8008', `--dim cannot be "${value}"`, [valuePlace('--dim', value)], { help });
    const name = value.slice(0, equals);
    if (dims.has(name)) fail('DF8008', `--dim ${name} is given twice`, [valuePlace('--dim', value)]);
    dims.set(name, positiveInteger('--dim', value, value.slice(equals + 1), help));
  }
  return Object.fromEntries(dims);
}

export const listOf = (value: string | undefined): readonly string[] =>
  value === undefined ? [] : value.split(',').map((word) => word.trim());

function positiveInteger(flag: string, value: string, digits: string, help: string, place = digits): number {
  const number = /^\d+$/.test(digits) ? Number(digits) : NaN;
  if (Number.isSafeInteger(number) && number > 0) return number;
  return fail('DF8008', `${flag}: "${digits}" is no whole number from 1`, [valuePlace(flag, value, place)], {
    help,
  });
}
