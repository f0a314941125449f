/** Schema of the tiles facet. */
import type { HeadTile } from '../heads.js';
import type * as Tile from '../tile.js';
import { object, list, ref, STRING, BOOLEAN, COUNT, LAYER, MAP, STACK, xy } from './builders.js';
import { MODE } from './search.js';

const geometry = object<Tile.AxisGeometry>({
  layers: list(
    object<Tile.LayerExtent>({
      layer: LAYER,
      out: COUNT,
      inputs: list(list(object<Tile.SourceExtent>({ map: MAP, needed: COUNT, overlap: COUNT }))),
    }),
  ),
  maps: list(object<Tile.MapExtent>({ map: MAP, fresh: COUNT, held: COUNT, kept: COUNT })),
});
const axisClass = object<Tile.AxisClass>({
  name: STRING,
  count: COUNT,
  first: BOOLEAN,
  last: BOOLEAN,
  tile: COUNT,
  actual: ref('geometry'),
  cacheView: ref('geometry'),
});
export const TILE_PLAN = object<Tile.TilePlan>({
  stacks: list(
    object<Tile.TiledStack>(
      {
        stack: STACK,
        mode: MODE,
        layers: list(LAYER),
        inputs: list(MAP),
        tile: xy(COUNT),
        grid: xy(COUNT),
        heads: object<HeadTile>({ tile: COUNT, of: COUNT }),
        columns: list(ref('axisClass')),
        rows: list(ref('axisClass')),
        types: list(
          object<Tile.TileType>({ name: STRING, count: COUNT, column: COUNT, row: COUNT, origin: BOOLEAN }),
        ),
        macs: COUNT,
        recomputedMacs: COUNT,
      },
      'heads',
    ),
  ),
});

export const TILES_DEFS = { axisClass, geometry };
