/** A worker thread's task: problems of one setting to answers. A mapper is made once per setting. */
import { answerOf, mapperOf, type Answer, type MapperSetting, type Search } from '../explore/mapper.js';
import type { LayerTileProblem } from '../ir/layer-tile.js';

/** What travels to a worker; answers travel back. All plain data. */
export interface MapperTask {
  /** Tasks of equal number have equal settings. */
  readonly settingId: number;
  readonly setting: MapperSetting;
  readonly problems: readonly LayerTileProblem[];
}

const searches = new Map<number, Search>();

export default function solve({ settingId, setting, problems }: MapperTask): readonly Answer[] {
  const search = searches.get(settingId) ?? mapperOf(setting);
  searches.set(settingId, search);
  return problems.map((problem) => answerOf(search, problem, () => performance.now()));
}
