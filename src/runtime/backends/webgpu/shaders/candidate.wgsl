// A token and its logit, as the arg-max compares them: the larger logit, of equals the lower token. A logit that is not a
// number beats everything and carries no token, so that a broken calculation cannot pass for an answer.
struct Candidate {
  logit: f32,
  token: u32,
}

const NO_TOKEN = 0xffffffffu;
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
