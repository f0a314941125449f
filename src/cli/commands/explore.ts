/**
 * `defines explore`: a grid of schedules to a line each and a summary. Everything that can be refused before work
 * begins is; lines are written as they are found, and an early end leaves a file to continue.
 */
import { diagnostic, type Diagnostic } from '../../diag/diagnostic.js';
import { inShard, pointText } from '../../explore/grid.js';
import { identityOf, type PointLine } from '../../explore/line.js';
import { runJobs, type Environment, type Job } from '../../explore/run.js';
import { summaryOf } from '../../explore/summary.js';
import { openEnvironment } from '../../node/explore-environment.js';
import type { Progress } from '../../node/progress.js';
import type { Outcome, Run } from '../command.js';
import { modesOf, shardOf, threadsOf, tilesOf, wordsOf, type ExploreOptions } from '../explore-options.js';
import { checkOutput, openOutput, type ExploreOutput } from '../explore-output.js';
import { explorationOf, type Exploration } from '../explore-studies.js';
import { summaryText } from '../explore-text.js';
import { choiceOf, modelSettings, valuePlace } from '../options.js';

export const exploreCommand: Run<ExploreOptions> = async (
  [model = ''],
  options,
  terminal,
): Promise<Outcome> => {
  const format = choiceOf('--format', options.format, ['text', 'json'], 'text');
  const settings = modelSettings(options);
  const grid = { modes: modesOf(options.modes), tiles: tilesOf(options.tiles) };
  const shard = shardOf(options.shard);
  const threads = threadsOf(options.threads);
  const { output: file, resume = false, cache: folder } = options;
  const accelerators = wordsOf('--accelerator', options.accelerator, ',');
  const read = [model, options.precisionFile, ...accelerators].filter((name) => name !== undefined);
  checkOutput(file, resume, read);
  const exploration = await explorationOf(model, options, settings, grid);
  const jobs = inShard(exploration.jobs, shard);
  const output = openOutput(
    file,
    resume,
    exploration.studies.map(({ head }) => head),
  );
  const cache = folder === undefined ? undefined : { folder, at: valuePlace('--cache', folder) };
  const environment = openEnvironment({ threads, cache });
  const progress = terminal.progress();
  void environment.stop.then(() => {
    progress.stop('ending; again to end at once');
  });
  const found = await evaluate(jobs, exploration, output, environment, progress).finally(environment.close);
  const left = output.finish();
  const summary = summaryOf(found.lines, found.baselines);
  return {
    text:
      format === 'json' ? `${JSON.stringify(summary, null, 2)}\n` : summaryText(summary, terminal.heading),
    diagnostics: [
      ...exploration.diagnostics,
      ...output.diagnostics,
      ...left,
      ...failures(found.lines),
      ...ending(jobs.length, found.lines, file),
    ],
  };
};

interface Found {
  /** Of the jobs, in order; fewer than there are if the run was ended. */
  readonly lines: readonly PointLine[];
  readonly baselines: readonly PointLine[];
}

/** Evaluates what the file does not know yet, then the baselines that are not among the jobs. */
async function evaluate(
  jobs: readonly Job[],
  exploration: Exploration,
  { earlier, append }: ExploreOutput,
  environment: Environment,
  progress: Progress,
): Promise<Found> {
  const identity = ({ study, point }: Job): string => `${study.head.key} ${pointText(point)}`;
  const open = jobs.filter((job) => !earlier.has(identity(job)));
  const own = new Set(jobs.map(identity));
  const beside = exploration.baselines.filter(
    (job) => !own.has(identity(job)) && !earlier.has(identity(job)),
  );
  const fresh: PointLine[] = [];
  const begin = environment.now();
  const total = open.length + beside.length;
  try {
    for await (const line of runJobs([...open, ...beside], environment).lines) {
      fresh.push(line);
      if (fresh.length <= open.length) append(line);
      progress.report(fresh.length, total, rateText(fresh.length, total, environment.now() - begin));
    }
  } finally {
    progress.stop();
  }
  const known = new Map([...earlier, ...fresh.map((line) => [identityOf(line), line] as const)]);
  const linesOf = (some: readonly Job[]): readonly PointLine[] =>
    some.flatMap((job) => known.get(identity(job)) ?? []);
  return { lines: linesOf(jobs), baselines: linesOf(exploration.baselines) };
}

/** `12.5 points/s, 3:20 left`. */
function rateText(done: number, total: number, milliseconds: number): string {
  const rate = (1000 * done) / milliseconds;
  const left = Math.ceil((total - done) / rate);
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return `${rate.toPrecision(3)} points/s, ${time} left`;
}

const failures = (lines: readonly PointLine[]): readonly Diagnostic[] =>
  lines.flatMap((line) =>
    line.status === 'failed'
      ? line.diagnostics.map(({ code, message }) =>
          diagnostic(code, message, [{ kind: 'ir', id: `${line.accelerator} ${pointText(line)}` }]),
        )
      : [],
  );

function ending(total: number, lines: readonly PointLine[], file: string | undefined): readonly Diagnostic[] {
  if (lines.length < total)
    return [
      diagnostic('DF8205', `ended early: ${lines.length} of ${total} points are evaluated`, [], {
        help:
          file === undefined ? 'with -o <file> an exploration can be continued' : 'continue with --resume',
      }),
    ];
  if (total > 0 && lines.every(({ status }) => status === 'infeasible'))
    return [
      diagnostic('DF8206', `none of ${total} points is feasible`, [], {
        help: 'the lines say which memory is too small, and by how much',
      }),
    ];
  return [];
}
