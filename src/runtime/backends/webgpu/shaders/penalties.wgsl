// Makes tokens of the recent past less likely, by the rules of the host's sampler (`generation/sampling/penalties.ts`): a logit
// above zero is divided by the repetition penalty, another multiplied; then come frequency and presence. Works on the logits
// in place and leaves each tile's best candidate right.
@group(0) @binding(1) var<storage, read_write> logits: array<f32>;

const RECENT = 64u;

var<workgroup> recent: array<u32, RECENT>;

fn penalise(local: u32) {
  // Repetition, frequency and presence penalty, and how many tokens have been noted so far.
  let penalties = scratch[PENALTIES_AT];
  let known = min(penalties.w, RECENT);
  if local < RECENT {
    recent[local] = scratch[RECENT_AT + local / 4u][local % 4u];
  }
  workgroupBarrier();
  if local < known {
    let token = recent[local];
    var count = 0u;
    var is_first = true;
    for (var i = 0u; i < known; i++) {
      if recent[i] == token {
        count += 1u;
        is_first = is_first && i >= local;
      }
    }
    // Each token once, however often it occurs.
    if is_first {
      let logit = logits[token];
      let repetition = bitcast<f32>(penalties.x);
      let scaled = select(logit * repetition, logit / repetition, logit > 0.0);
      logits[token] = scaled - f32(count) * bitcast<f32>(penalties.y) - bitcast<f32>(penalties.z);
    }
  }
  storageBarrier();
  workgroupBarrier();
  if local < known {
    let tile = recent[local] / TILE_ROWS;
    var best = Candidate(LOWEST, PAST_END);
    for (var row = 0u; row < TILE_ROWS; row++) {
      let token = tile * TILE_ROWS + row;
      if token < VOCABULARY {
        best = better(best, candidate_of(logits[token], token));
      }
    }
    set_candidate(tile, best);
  }
  storageBarrier();
  workgroupBarrier();
}

/// Notes a token for the next step and for the host.
fn note(token: u32) {
  let state = scratch[0];
  let penalties = scratch[PENALTIES_AT];
  let slot = penalties.w % RECENT;
  scratch[RECENT_AT + slot / 4u][slot % 4u] = token;
  scratch[PENALTIES_AT].w = penalties.w + 1u;
  scratch[TOKENS_AT] = vec4u(token, 0u, 0u, 0u);
  scratch[RESULTS_AT + state.z % RESULT_SLOTS] = vec4u(token, 0u, 0u, 0u);
  scratch[0] = vec4u(state.x + 1u, state.y, state.z + 1u, 0u);
}
