/** `defines explain <code>`: the catalogue entry of a diagnostic. */
import { closest } from '../../base/closest.js';
import { CATALOGUE, type CatalogueEntry, type Code } from '../../diag/codes.js';
import { fail } from '../../diag/diagnostic.js';
import { wrap } from '../../report/text-table.js';
import type { Run } from '../command.js';
import { valuePlace } from '../options.js';

const KINDS: Readonly<Record<CatalogueEntry['kind'], string>> = {
  invalid: 'something is wrong with the input',
  unsupported: 'a known limit of this program',
  infeasible: 'a legitimate answer: it does not fit',
  usage: 'the command line',
  interrupted: 'the run ended before its work was done',
  bug: 'a bug of this program',
};

export const explainCommand: Run = ([typed = '']) => {
  const code = codeOf(typed);
  const { kind, severity, title, explanation } = CATALOGUE[code];
  const text = [
    `${code}  ${title}`,
    `${severity}; ${KINDS[kind]}`,
    '',
    ...wrap('', explanation.split(' ')),
    '',
  ];
  return { text: text.join('\n'), diagnostics: [] };
};

/** `DF5001`, `df5001` and `5001` are the same code. */
function codeOf(typed: string): Code {
  const codes = Object.keys(CATALOGUE) as Code[];
  const wanted = typed.toUpperCase().replace(/^(?=\d)/, 'DF');
  const found = codes.find((code) => code === wanted);
  if (found !== undefined) return found;
  const near = closest(wanted, codes);
  return fail('DF8010', `there is no diagnostic "${typed}"`, [valuePlace('explain', typed)], {
    help: near === undefined ? 'a code is DF and four digits, such as DF5001' : `did you mean "${near}"?`,
  });
}
