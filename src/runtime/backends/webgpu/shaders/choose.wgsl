// The likeliest token of all, noted for the host and for the next step, which is one position on.
var<workgroup> bests: array<Candidate, WORKGROUP>;

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32) {
  if IS_PENALISED {
    penalise(local);
  }
  var best = candidate_at(min(local, CANDIDATES - 1u));
  for (var at = local + WORKGROUP; at < CANDIDATES; at += WORKGROUP) {
    best = better(best, candidate_at(at));
  }
  bests[local] = best;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if local < half {
      bests[local] = better(bests[local], bests[local + half]);
    }
  }
  if local == 0u {
    note(bests[0].token);
  }
}
