/**
 * Mappers shared by profiles that make the same choices within a layer tile: most corrections do not, so most of their
 * layer tiles have been mapped before. Invariant: a mapper never sees a choice that is not part of its key.
 */
import { InternalError } from '../../src/base/assert.js';
import type { Profile } from '../../src/base/profile.js';
import type { Accelerator } from '../../src/hw/accelerator.js';
import type { LayerTileMapper } from '../../src/ir/layer-tile.js';
import { createMapper } from '../../src/mapping/mapper.js';
import { memoised } from '../../src/schedule/memo.js';

/** Choices about stacks, tiles, levels and copies. A field that is not listed here keeps mappers apart. */
const OUTSIDE_LAYER_TILES: ReadonlySet<string> = new Set<keyof Profile>([
  'name',
  'lpfLimit',
  'firstCut',
  'weightCapacity',
  'barriers',
  'postOpParameters',
  'padding',
  'strideExtent',
  'branchDelay',
  'crossing',
  'hCacheLevel',
  'vCacheLevel',
  'firstColumnCaches',
  'cacheView',
  'inputHalo',
  'lowPatch',
]);

const mappers = new Map<string, LayerTileMapper>();

export function mapperFor(hw: Accelerator, profile: Profile, lpfLimit: number): LayerTileMapper {
  const choices = Object.entries(profile).filter(([field]) => !OUTSIDE_LAYER_TILES.has(field));
  const key = JSON.stringify([hw, choices, lpfLimit]);
  const found = mappers.get(key);
  if (found) return found;
  const { mapper } = memoised(createMapper(hw, guarded(profile), { lpfLimit }));
  mappers.set(key, mapper);
  return mapper;
}

/** The same profile, in which looking up a choice outside layer tiles is a mistake of the list above. */
const guarded = (profile: Profile): Profile =>
  new Proxy(profile, {
    get(target, field) {
      if (typeof field === 'string' && OUTSIDE_LAYER_TILES.has(field))
        throw new InternalError(
          `a mapper asks for ${field}: take it off the list of choices it does not see`,
        );
      return Reflect.get(target, field) as unknown;
    },
  });
