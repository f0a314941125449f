/**
 * The numbers of heads that a stack may be tiled by: all that divide them, or those that the user names. A number means
 * all heads to a stack that has no more of them, and nothing to one that mixes them.
 */
import { headTile, headTiles, type HeadTile } from '../ir/heads.js';
import type { Layer } from '../ir/layer.js';
import type { TileSize } from '../ir/stack.js';
import type { CandidateSettings } from './tile-candidates.js';

/** Besides all heads at a time. */
export function headChoices(
  { tile, tiles }: CandidateSettings,
  layers: readonly Layer[],
): readonly HeadTile[] {
  const named = [...(tile ? [tile] : []), ...(tiles?.sizes ?? [])].flatMap((size) => {
    const heads = meaning(layers, size);
    return heads === undefined || heads === 'none' ? [] : [heads];
  });
  const own = tile === undefined && tiles?.only !== true ? headTiles(layers) : [];
  return [...new Map([...own, ...named].map((heads) => [heads.tile, heads])).values()];
}

/** What of the settings is about so many heads (undefined: all) of the stack. */
export function settingsFor(
  settings: CandidateSettings,
  layers: readonly Layer[],
  heads: HeadTile | undefined,
): CandidateSettings {
  const { tile, tiles, ...others } = settings;
  const isMeant = (size: TileSize): boolean => {
    const meant = meaning(layers, size);
    return meant !== 'none' && meant?.tile === heads?.tile;
  };
  if (tile !== undefined) return isMeant(tile) ? settings : { ...others, tiles: { sizes: [], only: true } };
  return tiles === undefined
    ? settings
    : { ...others, tiles: { ...tiles, sizes: tiles.sizes.filter(isMeant) } };
}

function meaning(layers: readonly Layer[], { heads }: TileSize): HeadTile | undefined | 'none' {
  const found = heads === undefined ? undefined : headTile(layers, heads);
  return found === undefined || 'of' in found ? found : 'none';
}
