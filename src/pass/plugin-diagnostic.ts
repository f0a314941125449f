/** What a plugin has to say, looked at before it is shown: in JavaScript any part of a diagnostic may be anything. */
import { CATALOGUE } from '../diag/codes.js';
import type { Diagnostic, Location } from '../diag/diagnostic.js';

/** What is wrong with it, if anything is. */
export function diagnosticFault(d: Readonly<Partial<Record<keyof Diagnostic, unknown>>>): string | undefined {
  const { code, severity, message, at, terms, help } = d;
  if (typeof code !== 'string' || !Object.hasOwn(CATALOGUE, code))
    return `there is no diagnostic ${String(code)}`;
  const wrong =
    (isText(message) ? undefined : `the message of ${code} is no text`) ??
    (isListOf(at, isLocation)
      ? undefined
      : `the places of ${code} are no list such as [{ kind: 'ir', id }]`) ??
    (terms === undefined || isListOf(terms, isText)
      ? undefined
      : `the terms of ${code} are no list of texts`) ??
    (help === undefined || isText(help) ? undefined : `the help of ${code} is no text`);
  if (wrong !== undefined) return wrong;
  const isSeverity = ['error', 'warning', 'note'].some((known) => known === severity);
  return isSeverity ? undefined : `the severity of ${code} is none: error, warning, note`;
}

const isText = (value: unknown): boolean => typeof value === 'string';

const isListOf = (value: unknown, isPart: (part: unknown) => boolean): boolean =>
  Array.isArray(value) && value.every(isPart);

/** The parts that a place of each kind cannot be shown without. */
const NEEDED: Readonly<Record<Location['kind'], Readonly<Record<string, 'string' | 'number'>>>> = {
  onnx: {},
  file: { file: 'string' },
  spec: { text: 'string', offset: 'number' },
  ir: { id: 'string' },
};

function isLocation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const place = value as Readonly<Record<string, unknown>>;
  const needed = Object.entries(NEEDED).find(([kind]) => kind === place['kind'])?.[1];
  return needed !== undefined && Object.entries(needed).every(([part, type]) => typeof place[part] === type);
}
