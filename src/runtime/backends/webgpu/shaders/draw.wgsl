// Draws a token by the rules of the host's sampler (`generation/sampling/sampler.ts`): penalties, top-k, top-p, min-p,
// temperature, and one of the numbers the host has drawn. The host looks at the same candidates, draws again in double
// precision and has the last word; a draw in f32 differs about once in a million tokens.
// The KEPT likeliest tokens lie in the KEPT tiles with the likeliest bests.
const KEPT = 64u;
const MOST_TILES = 128u;
const MOST_LISTED = 512u;
const OWN_TILES = (CANDIDATES + WORKGROUP - 1u) / WORKGROUP;
const NEGLIGIBLE = 40.0;

var<workgroup> counter: atomic<u32>;
var<workgroup> shared_count: u32;
var<workgroup> is_broken: atomic<u32>;
var<workgroup> tiles: array<u32, MOST_TILES>;
var<workgroup> listed: array<Candidate, MOST_LISTED>;
var<workgroup> kept: array<Candidate, KEPT>;
var<workgroup> weights: array<f32, KEPT>;
var<workgroup> heats: array<f32, KEPT>;

/// Orders floats as unsigned numbers.
fn key_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  return bits ^ select(0x80000000u, 0xffffffffu, (bits >> 31u) == 1u);
}

/// What has been counted, the same for all, and zero again.
fn take_count(local: u32) -> u32 {
  workgroupBarrier();
  if local == 0u {
    shared_count = atomicExchange(&counter, 0u);
  }
  return workgroupUniformLoad(&shared_count);
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  if local == 0u {
    atomicStore(&counter, 0u);
    atomicStore(&is_broken, 0u);
  }
  penalise(local);
  var keys: array<u32, OWN_TILES>;
  for (var i = 0u; i < OWN_TILES; i++) {
    let at = local + i * WORKGROUP;
    keys[i] = 0u;
    if at < CANDIDATES {
      let candidate = candidate_at(at);
      keys[i] = key_of(candidate.logit);
      if candidate.token == NO_TOKEN {
        atomicStore(&is_broken, 1u);
      }
    }
  }
  // The largest key that at least KEPT tiles reach, bit by bit; all tiles reach 0.
  var least = 0u;
  if CANDIDATES > KEPT {
    for (var bit = 32u; bit > 0u; bit--) {
      let next = least | (1u << (bit - 1u));
      var own = 0u;
      for (var i = 0u; i < OWN_TILES; i++) {
        own += select(0u, 1u, keys[i] >= next);
      }
      if own > 0u {
        atomicAdd(&counter, own);
      }
      if take_count(local) >= KEPT {
        least = next;
      }
    }
  }
  for (var i = 0u; i < OWN_TILES; i++) {
    let at = local + i * WORKGROUP;
    if at < CANDIDATES && keys[i] >= least {
      let slot = atomicAdd(&counter, 1u);
      if slot < MOST_TILES {
        tiles[slot] = at;
      }
    }
  }
  let tile_count = min(take_count(local), MOST_TILES);
  for (var item = local; item < tile_count * TILE_ROWS; item += WORKGROUP) {
    let token = tiles[item / TILE_ROWS] * TILE_ROWS + item % TILE_ROWS;
    if token < VOCABULARY {
      let logit = logits[token];
      if key_of(logit) >= least {
        let slot = atomicAdd(&counter, 1u);
        if slot < MOST_LISTED {
          listed[slot] = Candidate(logit, token);
        }
      }
    }
  }
  let count = take_count(local);
  let listed_count = min(count, MOST_LISTED);
  for (var item = local; item < listed_count; item += WORKGROUP) {
    let own = listed[item];
    var rank = 0u;
    for (var i = 0u; i < listed_count; i++) {
      let other = listed[i];
      rank += select(0u, 1u, other.logit > own.logit || (other.logit == own.logit && other.token < own.token));
    }
    if rank < KEPT {
      kept[rank] = own;
    }
  }
  workgroupBarrier();
  let sampling = bitcast<vec4f>(scratch[SAMPLING_AT]);
  let top_k = min(scratch[SAMPLING_AT + 1u].x, min(listed_count, KEPT));
  if local < KEPT {
    let below = kept[local].logit - kept[0].logit;
    weights[local] = select(exp(max(below, -NEGLIGIBLE)), 0.0, below < -NEGLIGIBLE);
    let heated = below / max(sampling.x, 1e-6);
    heats[local] = select(exp(max(heated, -NEGLIGIBLE)), 0.0, heated < -NEGLIGIBLE);
    let slot = LISTS_AT + (scratch[0].z % RESULT_SLOTS) * (KEPT / 2u) + local / 2u;
    if local % 2u == 0u {
      let next = kept[local + 1u];
      scratch[slot] = vec4u(bitcast<u32>(kept[local].logit), kept[local].token, bitcast<u32>(next.logit), next.token);
    }
  }
  workgroupBarrier();
  if local > 0u {
    return;
  }
  var mass = 0.0;
  for (var i = 0u; i < top_k; i++) {
    mass += weights[i];
  }
  var last = top_k;
  if sampling.y < 1.0 {
    var held = 0.0;
    for (var i = 0u; i < top_k; i++) {
      held += weights[i];
      if held >= sampling.y * mass {
        last = i + 1u;
        break;
      }
    }
  }
  while last > 1u && weights[last - 1u] < sampling.z {
    last -= 1u;
  }
  var total = 0.0;
  for (var i = 0u; i < last; i++) {
    total += heats[i];
  }
  let step = scratch[0].z;
  var left = bitcast<vec4f>(scratch[RANDOMS_AT + step / 4u])[step % 4u] * total;
  var chosen = 0u;
  for (var i = 0u; i < last; i++) {
    left -= heats[i];
    if heats[i] > 0.0 {
      chosen = i;
      if left < 0.0 {
        break;
      }
    }
  }
  // So many equal logits that they do not fit: the host draws from all of them.
  var token = select(PAST_END, kept[chosen].token, count <= MOST_LISTED);
  if atomicLoad(&is_broken) == 1u {
    token = NO_TOKEN;
  }
  note(token);
}
