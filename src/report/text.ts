/**
 * The report for people: one fact per line, aligned columns, grouped digits, units everywhere. What an architect asks
 * first comes first: what it costs, where that goes, which stacks matter; then each stack, its layers and its tiles.
 */
import { unreachable } from '../base/assert.js';
import { grouped, sizeText } from '../base/units.js';
import { firstAlike } from './alike.js';
import { sharesOf } from './coverage.js';
import { digestText, givenLines } from './given-text.js';
import type { CoverageReport, ScheduleReport, StackReport } from './report.js';
import { energyTable, latencyTable, partNames } from './text-cost.js';
import { overview } from './text-overview.js';
import { frontSection, searchLines } from './text-search.js';
import { stackSection } from './text-stack.js';
import { PLAIN, plural, printable, WIDTH, wrap, type TextStyle } from './text-table.js';
import {
  addedTo,
  edpText,
  energyText,
  energyUnit,
  percent,
  scaledCycles,
  type EnergyUnit,
} from './text-units.js';

export function renderText(report: ScheduleReport, style: TextStyle = PLAIN): string {
  const unit = energyUnit(report.totals.energyPj, 4);
  const costed = report.stacks.some((stack) => stack.feasible);
  const first = firstAlike(report);
  const lines = [
    style.heading(`${printable(report.model.name)} on ${report.accelerator.name}`),
    '',
    ...headerLines(report),
    '',
    ...verdictLines(report),
    ...(costed ? [...totalLines(report), ...searchLines(report)] : []),
    ...coverageLines(report),
    ...(costed ? costSections(report, unit, style) : []),
    ...frontSection(report, unit, style),
    ...(report.stacks.length > 1 ? ['', style.heading('stacks'), ...overview(report, first, unit)] : []),
    ...stackSections(report, first, unit, style),
    ...diagnosticLines(report, style),
  ];
  return `${lines.join('\n')}\n`;
}

/** Stacks that are alike have one section. */
function stackSections(
  report: ScheduleReport,
  first: readonly number[],
  unit: EnergyUnit,
  style: TextStyle,
): readonly string[] {
  const alike = new Map<number, StackReport[]>();
  report.stacks.forEach((stack, s) => {
    const others = alike.get(first[s]!);
    if (others === undefined) alike.set(s, [stack]);
    else others.push(stack);
  });
  // Each as one text: lines by the hundred thousand would wait for the last one.
  return [...alike.values()].map((stacks) => `\n${stackSection(report, stacks, unit, style).join('\n')}`);
}

const costSections = (report: ScheduleReport, unit: EnergyUnit, style: TextStyle): readonly string[] => [
  '',
  style.heading('energy'),
  ...energyTable(report.totals, report.accelerator, unit),
  '',
  style.heading('latency'),
  ...latencyTable(report.totals, report.totals.latencyCounted),
];

/** What cannot be scheduled is said before any number. */
function verdictLines({ stacks }: ScheduleReport): readonly string[] {
  const infeasible = stacks.filter((stack) => !stack.feasible);
  if (infeasible.length === 0) return [];
  const others = infeasible.length < stacks.length ? '; the totals are the sums of the others' : '';
  const ids = infeasible.map(({ id }) => id).join(' ');
  return [
    `INFEASIBLE   ${infeasible.length} of ${plural(stacks.length, 'stack')} (${ids}) ${infeasible.length === 1 ? 'fits' : 'fit'} no choice of memory levels${others}`,
    '',
  ];
}

function headerLines(report: ScheduleReport): readonly string[] {
  const { model, accelerator, profile, lpfLimit, pipeline } = report;
  const array = `${Object.values(accelerator.array).join(' x ')} = ${grouped(accelerator.units)} MAC units`;
  const limit =
    lpfLimit === null ? 'no limit on loop prime factors' : `at most ${lpfLimit} loop prime factors`;
  return [
    `model        ${printable(model.name)}   ${plural(model.layers.length, 'layer')}   ${grouped(model.macs)} MAC   weights ${sizeText(model.weightBits)}`,
    `accelerator  ${accelerator.name}   ${array}   ${plural(accelerator.memories.length, 'memory', 'memories')}`,
    `profile      ${profile}   mapper: ${limit}`,
    ...pipelineLines(pipeline),
    ...(report.plugins ?? []).map(({ name, file }) =>
      file === null ? `plugin       ${name}` : `plugin       --plugin ${printable(file)}   ${name}`,
    ),
    ...givenLines(report),
    ...mappingLines(report),
  ];
}

/** Broken between passes, and within one where it is longer than a line. */
function pipelineLines(pipeline: string): readonly string[] {
  const label = 'pipeline     ';
  const passes = pipeline.split(/(?<=,)(?![^{]*\})/);
  const pieces = passes.flatMap((pass) =>
    pass.length <= WIDTH - label.length ? [pass] : pass.split(/(?<=[ ,])/),
  );
  return wrap(label, pieces, '').map((line) => line.trimEnd());
}

/** Where mappings were given: which file, and how far it went. */
function mappingLines({ mappings, mappingsDigest, stacks }: ScheduleReport): readonly string[] {
  if (mappings === null) return [];
  const layerTiles = stacks.flatMap(({ tileTypes }) => tileTypes.flatMap(({ layers }) => layers));
  const counts = (['given', 'completed', 'found'] as const).map(
    (origin) => `${layerTiles.filter(({ mapping }) => mapping === origin).length} ${origin}`,
  );
  return [
    `mapping      --mapping ${printable(mappings)}${digestText(mappingsDigest)}   of ${plural(layerTiles.length, 'layer tile')}: ${counts.join(', ')}`,
  ];
}

function totalLines({ totals, accelerator, stacks, model }: ScheduleReport): readonly string[] {
  const headline = energyUnit(totals.energyPj, 1);
  const recomputed = stacks.reduce((sum, stack) => sum + stack.recomputedMacs, 0);
  // Behind strides a few columns and rows are read by nobody; a stack leaves them out.
  const unread = Math.max(0, model.macs - (totals.macs - recomputed));
  const possible = accelerator.units * totals.latencyCycles;
  const rows = [
    ['energy', energyText(totals.energyPj, headline), `${grouped(totals.energyPj)} pJ`],
    [
      'latency',
      scaledCycles(totals.latencyCycles),
      `${grouped(totals.latencyCycles)} cycles = ${partNames(totals.latencyCounted)}`,
    ],
    ['EDP', edpText(totals.edp)],
    [
      'MACs',
      grouped(totals.macs),
      `${grouped(recomputed)} of them recomputed${addedTo(totals.macs - recomputed, recomputed)}` +
        (unread > 0 && totals.complete
          ? `; ${grouped(unread)} of the model's are never read, not computed`
          : ''),
    ],
    ...(totals.operations > 0
      ? [['operations', grouped(totals.operations), 'iterations of pooling, elementwise and vector loops']]
      : []),
    [
      'utilisation',
      percent(totals.macs + totals.operations, possible),
      'of the MAC units over all cycles counted',
    ],
  ];
  const width = Math.max(...rows.map((row) => (row[1] ?? '').length));
  return rows.flatMap(([label = '', value = '', note]) =>
    note === undefined
      ? [`${label.padEnd(12)} ${value}`]
      : wrap(`${label.padEnd(12)} ${value.padEnd(width)}   `, note.split(' ')),
  );
}

/** Operators by how they are modelled. */
function coverageLines({ coverage }: ScheduleReport): readonly string[] {
  const kinds = ['exact', 'approximate', 'generic', 'post-operation', 'alias'] as const;
  const described = kinds.flatMap((kind) => {
    const rows = coverage.operators.filter((row) => row.coverage === kind);
    if (rows.length === 0) return [];
    return wrap(
      `             ${kindText(kind)}: `,
      rows.map((row) => `${row.op} ${row.count}`),
      ', ',
    );
  });
  const pct = (what: 'macs' | 'iterations'): string => percent(sharesOf(coverage, what).exact, 100);
  const counted = coverage.uncounted.length === 0 ? 'MACs' : 'the MACs that are known';
  const macs = coverage.operators.some((row) => row.macs > 0) ? `${pct('macs')} of ${counted} and ` : '';
  return [
    `coverage     ${macs}${pct('iterations')} of loop iterations modelled exactly`,
    ...uncounted(coverage),
    ...described,
  ];
}

const uncounted = ({ uncounted: operators }: CoverageReport): readonly string[] =>
  operators.length === 0 ? [] : wrap('             MACs not known: ', operators, ', ');

function kindText(kind: 'exact' | 'approximate' | 'generic' | 'post-operation' | 'alias'): string {
  switch (kind) {
    case 'exact':
      return 'exact';
    case 'approximate':
      return 'approximate';
    case 'generic':
      return 'generic cost only';
    case 'post-operation':
      return 'on the output of a layer, not charged';
    case 'alias':
      return 'views, free';
    default:
      return unreachable(kind);
  }
}

function diagnosticLines({ diagnostics }: ScheduleReport, style: TextStyle): readonly string[] {
  if (diagnostics.length === 0) return [];
  return [
    '',
    style.heading('remarks'),
    ...diagnostics.flatMap((d) => wrap(`  ${d.severity}[${d.code}] `, d.message.split(' '))),
  ];
}
