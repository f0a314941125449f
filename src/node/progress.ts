/** A progress bar on stderr for work that takes long enough to wonder; silent where nobody watches. */
import cliProgress from 'cli-progress';

export interface Progress {
  readonly report: (done: number, total: number, label: string) => void;
  /** Takes the bar away; `words`: what is to be said in its place, to who watches it. */
  readonly stop: (words?: string) => void;
}

/** Work shorter than this shows nothing. */
const PATIENCE_MS = 700;

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) return { report: () => undefined, stop: () => undefined };
  const begin = performance.now();
  const bar = new cliProgress.SingleBar({
    stream,
    format: '{bar} {percentage} % | {value}/{total} | {label}',
    barsize: 30,
    barCompleteChar: '#',
    barIncompleteChar: '-',
    hideCursor: true,
    clearOnComplete: true,
    // Passes do not yield to timers, so the bar is drawn where it is told of progress.
    synchronousUpdate: true,
  });
  let shown = false;
  return {
    report: (done, total, label) => {
      if (performance.now() - begin < PATIENCE_MS) return;
      if (!shown) bar.start(total, done, { label });
      shown = true;
      bar.setTotal(total);
      bar.update(done, { label });
    },
    stop: (words) => {
      if (shown) bar.stop();
      shown = false;
      if (words !== undefined) stream.write(`${words}\n`);
    },
  };
}
