// A token and its logit, as the arg-max compares them: the larger logit, of equals the lower token. A logit that is not a
// number beats everything and carries no token, so that a broken calculation cannot pass for an answer.
struct Candidate {
  logit: f32,
  token: u32,
}

const NO_TOKEN = 0xffffffffu;
/// What a place past the vocabulary holds: worse than any token.
const PAST_END = 0xfffffffeu;
const LOWEST = -3.4028234e38;

fn candidate_of(logit: f32, token: u32) -> Candidate {
  // By its bits: a compiler may assume that no value is NaN and drop `logit != logit`. Infinities are caught as well.
  if (bitcast<u32>(logit) & 0x7f800000u) == 0x7f800000u {
    return Candidate(LOWEST, NO_TOKEN);
  }
  return Candidate(logit, token);
}

fn better(a: Candidate, b: Candidate) -> Candidate {
  if a.token == NO_TOKEN {
    return a;
  }
  if b.token == NO_TOKEN || b.logit > a.logit || (b.logit == a.logit && b.token < a.token) {
    return b;
  }
  return a;
}

/// The best of four neighbouring tokens, of which those from `end` on do not exist.
fn best_of(logits: vec4f, first: u32, end: u32) -> Candidate {
  var best = Candidate(LOWEST, PAST_END);
  for (var i = 0u; i < 4u; i++) {
    if first + i < end {
      best = better(best, candidate_of(logits[i], first + i));
    }
  }
  return best;
}

fn set_candidate(at: u32, candidate: Candidate) {
  scratch[CANDIDATES_AT + at] = vec4u(bitcast<u32>(candidate.logit), candidate.token, 0u, 0u);
}

fn candidate_at(at: u32) -> Candidate {
  let stored = scratch[CANDIDATES_AT + at];
  return Candidate(bitcast<f32>(stored.x), stored.y);
}
