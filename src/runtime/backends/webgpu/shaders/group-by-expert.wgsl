// The pairs of a chunk's tokens and their experts, sorted by expert, and the tiles they are worked on in: a tile is at most
// PAIRS_A_TILE pairs of one expert. One workgroup. It leaves `sorted`: the pair's token, its number, what its result counts
// for; and `tiles`: the expert, the first pair and the end of the expert's pairs; (0, 0, 0) where there is no tile.
var<workgroup> counts: array<atomic<u32>, EXPERTS>;
var<workgroup> first_pairs: array<u32, EXPERTS>;
var<workgroup> first_tiles: array<u32, EXPERTS>;
var<workgroup> all_tiles: u32;

fn tiles_of(count: u32) -> u32 {
  return (count + PAIRS_A_TILE - 1u) / PAIRS_A_TILE;
}

fn chosen_of(pair: u32) -> vec4u {
  return scratch[CHOSEN_AT + pair / USED * CHOSEN_SLOTS + pair % USED];
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  let pairs = token_count() * USED;
  for (var e = local; e < EXPERTS; e += WORKGROUP) {
    atomicStore(&counts[e], 0u);
  }
  workgroupBarrier();
  for (var pair = local; pair < pairs; pair += WORKGROUP) {
    atomicAdd(&counts[min(chosen_of(pair).x, EXPERTS - 1u)], 1u);
  }
  workgroupBarrier();
  if local == 0u {
    var pair = 0u;
    var tile = 0u;
    for (var e = 0u; e < EXPERTS; e++) {
      first_pairs[e] = pair;
      first_tiles[e] = tile;
      let count = atomicLoad(&counts[e]);
      pair += count;
      tile += tiles_of(count);
    }
    all_tiles = tile;
  }
  workgroupBarrier();
  for (var e = local; e < EXPERTS; e += WORKGROUP) {
    let count = atomicLoad(&counts[e]);
    for (var tile = 0u; tile < tiles_of(count); tile++) {
      let first = first_pairs[e] + tile * PAIRS_A_TILE;
      scratch[TILES_AT + first_tiles[e] + tile] = vec4u(e, first, first_pairs[e] + count, 0u);
    }
    atomicStore(&counts[e], 0u);
  }
  for (var tile = all_tiles + local; tile < MOST_TILES; tile += WORKGROUP) {
    scratch[TILES_AT + tile] = vec4u();
  }
  workgroupBarrier();
  for (var pair = local; pair < pairs; pair += WORKGROUP) {
    let chosen = chosen_of(pair);
    let expert = min(chosen.x, EXPERTS - 1u);
    let place = first_pairs[expert] + atomicAdd(&counts[expert], 1u);
    scratch[SORTED_AT + place] = vec4u(pair / USED, pair, chosen.y, 0u);
  }
}
