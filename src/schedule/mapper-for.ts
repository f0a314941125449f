/** The mapper of a stack: the one it names, or the first of a run. */
import { known } from '../base/assert.js';
import type { LayerTileMapper, NamedMapper } from '../ir/layer-tile.js';
import type { Stack } from '../ir/stack.js';

export function mapperFor(mappers: readonly NamedMapper[], { mappedFor }: Stack): LayerTileMapper {
  const named = mappedFor === undefined ? mappers[0] : mappers.find(({ name }) => name === mappedFor);
  return known(named, `mapper for ${mappedFor ?? 'any stack'}`).mapper;
}
