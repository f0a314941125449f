/** The table of case studies: energies in mJ, gains over layer-by-layer, and how far the bound is. */
import { left, right, table } from '../corrections/table.js';
import type { CaseStudy } from './measure.js';

export function caseTable(cases: readonly CaseStudy[]): string {
  const columns = [
    left('network'),
    left('architecture'),
    right('layer-by-layer'),
    right('best single strategy'),
    left('which'),
    right('best per stack'),
    right('stacks'),
    right('gain'),
    right('bound'),
    right('gap'),
    right('time'),
  ];
  return table(columns, cases.map(row));
}

const mJ = (energyPj: number | undefined): string =>
  energyPj === undefined ? 'infeasible' : `${(energyPj / 1e9).toPrecision(5)} mJ`;

function row({ network, architecture, layerByLayer, single, best, seconds }: CaseStudy): readonly string[] {
  const bound = best?.search.bound;
  return [
    network,
    architecture,
    mJ(layerByLayer),
    mJ(single?.energyPj),
    single?.strategy ?? '',
    `${mJ(best?.energyPj)}${best?.search.proven === false ? ' (not proven)' : ''}`,
    String(best?.stacks ?? ''),
    best && layerByLayer !== undefined ? `${(layerByLayer / best.energyPj).toFixed(2)}x` : '',
    bound ? mJ(bound.value) : '-',
    bound ? `${bound.gapPct.toFixed(1)} %` : '-',
    `${seconds.toFixed(1)} s`,
  ];
}
