/** What was given besides model, accelerator and pipeline, as options that give it again: lines of the report's head. */
import type { OperandBits } from '../ir/layer-precision.js';
import type { ReportedInputs } from './report.js';
import { plural, printable, wrap } from './text-table.js';

/** Entries of a precision file that are shown; all of them: --format json. */
const SHOWN_ENTRIES = 8;

export function givenLines(given: ReportedInputs): readonly string[] {
  const { dims = {}, precision, layerPrecisions, memoryLimits = [] } = given;
  const options = (head: string, parts: readonly string[]): readonly string[] =>
    parts.length === 0 ? [] : wrap(head, parts, ' ');
  return [
    ...options(
      'dims         ',
      Object.entries(dims).map(([name, size]) => `--dim ${printable(name)}=${size}`),
    ),
    ...(precision === undefined ? [] : [`precision    --precision ${bitsText(precision)}`]),
    ...(layerPrecisions === undefined ? [] : layerLines(layerPrecisions)),
    ...options(
      'memory       ',
      memoryLimits.map(({ memory, sizeBits }) => `--max-memory ${memory}=${limitText(sizeBits)}`),
    ),
  ];
}

/** Enough of a digest to tell files apart. */
export const digestText = (digest: string | undefined): string =>
  digest === undefined ? '' : ` (sha256 ${digest.slice(0, 12)})`;

function layerLines({ file, layers }: NonNullable<ReportedInputs['layerPrecisions']>): readonly string[] {
  const source = file === null ? 'of single layers' : `--precision-file ${printable(file)}`;
  const shown = layers
    .slice(0, SHOWN_ENTRIES)
    .map(({ layer, ...bits }) => `${printable(layer)} ${bitsText(bits)}`);
  const more = layers.length - shown.length;
  return wrap(
    `precision    ${source}: `,
    [...shown, ...(more > 0 ? [`and ${plural(more, 'more entry', 'more entries')}`] : [])],
    '; ',
  );
}

const bitsText = (bits: OperandBits): string =>
  (['W', 'I', 'O', 'psum'] as const)
    .flatMap((operand) => (bits[operand] === undefined ? [] : [`${operand}=${bits[operand]}`]))
    .join(',');

/** As the option takes it. */
const limitText = (sizeBits: number): string => (sizeBits % 8 === 0 ? `${sizeBits / 8}B` : `${sizeBits}bit`);
