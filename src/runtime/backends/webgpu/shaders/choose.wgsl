// The likeliest token of all, noted for the host and for the next step, which is one position on.
@group(0) @binding(0) var<storage, read_write> state: State;
@group(0) @binding(1) var<storage, read> candidates: array<Candidate>;
@group(0) @binding(2) var<storage, read_write> token: array<u32>;

var<workgroup> bests: array<Candidate, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  var best = candidates[min(local, CANDIDATES - 1u)];
  for (var at = local + WORKGROUP; at < CANDIDATES; at += WORKGROUP) {
    best = better(best, candidates[at]);
  }
  bests[local] = best;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if local < half {
      bests[local] = better(bests[local], bests[local + half]);
    }
  }
  if local == 0u {
    token[0] = bests[0].token;
    state.position += 1u;
  }
}
