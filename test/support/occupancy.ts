/** How many bits are live in each of several memories over time: a datum lives from its arrival to its last read. */
export interface Occupancy {
  readonly now: () => number;
  readonly tick: () => void;
  /** It is there from the next tick on. What was there before lived until its last read. */
  readonly arrive: (memory: number, datum: number, bits: number) => void;
  readonly read: (memory: number, datum: number) => void;
  /** Per period (from each start to the next) and memory: the largest number of live bits. */
  readonly peaks: (starts: readonly number[]) => number[][];
}

const NEVER = -1;

export function occupancyOf(memories: number, data: number): Occupancy {
  let now = 0;
  const each = <T>(make: () => T): T[] => Array.from({ length: memories }, make);
  const since = each(() => new Int32Array(data));
  const last = each(() => new Int32Array(data).fill(NEVER));
  const sizes = each(() => new Int32Array(data));
  const changes = each(() => [] as number[]);
  const close = (memory: number, datum: number): void => {
    const [from, to, list] = [since[memory]![datum]!, last[memory]![datum]!, changes[memory]!];
    if (to < from) return;
    const bits = sizes[memory]![datum]!;
    list[from] = (list[from] ?? 0) + bits;
    list[to + 1] = (list[to + 1] ?? 0) - bits;
  };
  return {
    now: () => now,
    tick() {
      now++;
    },
    arrive(memory, datum, bits) {
      close(memory, datum);
      since[memory]![datum] = now + 1;
      last[memory]![datum] = NEVER;
      sizes[memory]![datum] = bits;
    },
    read(memory, datum) {
      last[memory]![datum] = now;
    },
    peaks(starts) {
      for (let memory = 0; memory < memories; memory++)
        for (let datum = 0; datum < data; datum++) close(memory, datum);
      const result = starts.map(() => new Array<number>(memories).fill(0));
      changes.forEach((list, memory) => {
        let [period, live] = [0, 0];
        for (let time = 0; time <= now; time++) {
          if (time === starts[period + 1]) period++;
          live += list[time] ?? 0;
          const peaks = result[period]!;
          peaks[memory] = Math.max(peaks[memory]!, live);
        }
      });
      return result;
    },
  };
}
