// The experts of each token: USED of EXPERTS, by their probability and a bias that counts for the choice only. A workgroup
// takes one token. What it leaves, `[token][slot]`: the expert, and what its result counts for; behind them the same of the
// block that all tokens share. `weights` holds the biases.
var<workgroup> probabilities: array<f32, EXPERTS>;
/// What the choice goes by; an expert that is chosen falls to the end.
var<workgroup> ranks: array<f32, EXPERTS>;
var<workgroup> lane_values: array<f32, WORKGROUP>;
var<workgroup> lane_experts: array<u32, WORKGROUP>;
var<workgroup> chosen: array<u32, USED>;
/// Of each group its two best, together.
var<workgroup> group_scores: array<f32, GROUPS>;

const LAST = -1e30;

fn routed(token: u32, row: u32) -> f32 {
  return scratch_quad(ROUTED_AT + token * ROUTED_QUADS + row / 4u)[row % 4u];
}

/// The best of all lanes, the lowest expert among equals.
fn best(local: u32, value: f32, expert: u32) -> u32 {
  lane_values[local] = value;
  lane_experts[local] = expert;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if local < half {
      let other = lane_values[local + half];
      let own = lane_values[local];
      if other > own || (other == own && lane_experts[local + half] < lane_experts[local]) {
        lane_values[local] = other;
        lane_experts[local] = lane_experts[local + half];
      }
    }
  }
  workgroupBarrier();
  let result = lane_experts[0];
  workgroupBarrier();
  return result;
}

fn total(local: u32, own: f32) -> f32 {
  lane_values[local] = own;
  for (var half = WORKGROUP / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if local < half {
      lane_values[local] += lane_values[local + half];
    }
  }
  workgroupBarrier();
  let result = lane_values[0];
  workgroupBarrier();
  return result;
}

fn best_by_rank(local: u32) -> u32 {
  var value = 2.0 * LAST;
  var expert = 0u;
  for (var e = local; e < EXPERTS; e += WORKGROUP) {
    if ranks[e] > value {
      value = ranks[e];
      expert = e;
    }
  }
  return best(local, value, expert);
}

/// Experts of all groups but the GROUPS_USED best fall to the end.
fn keep_groups(local: u32) {
  for (var group = local; group < GROUPS; group += WORKGROUP) {
    var two = vec2f(LAST);
    for (var e = group * (EXPERTS / GROUPS); e < (group + 1u) * (EXPERTS / GROUPS); e++) {
      two = vec2f(max(two.x, ranks[e]), max(two.y, min(two.x, ranks[e])));
    }
    group_scores[group] = two.x + two.y;
  }
  workgroupBarrier();
  for (var e = local; e < EXPERTS; e += WORKGROUP) {
    let group = e / (EXPERTS / GROUPS);
    var better = 0u;
    for (var other = 0u; other < GROUPS; other++) {
      let is_first = group_scores[other] == group_scores[group] && other < group;
      better += u32(group_scores[other] > group_scores[group] || is_first);
    }
    if better >= GROUPS_USED {
      ranks[e] = LAST;
    }
  }
  workgroupBarrier();
}

fn sigmoid(x: f32) -> f32 {
  return 1.0 / (1.0 + exp(min(-x, 80.0)));
}

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let token = workgroup.x;
  for (var e = local; e < EXPERTS; e += WORKGROUP) {
    ranks[e] = routed(token, e);
  }
  workgroupBarrier();
  var factor = 1.0;
  if IS_SOFTMAX {
    let largest = ranks[best_by_rank(local)];
    var own = 0.0;
    for (var e = local; e < EXPERTS; e += WORKGROUP) {
      probabilities[e] = exp(ranks[e] - largest);
      own += probabilities[e];
    }
    factor = 1.0 / total(local, own);
  }
  for (var e = local; e < EXPERTS; e += WORKGROUP) {
    if IS_SOFTMAX {
      probabilities[e] *= factor;
    } else {
      probabilities[e] = sigmoid(ranks[e]);
    }
    ranks[e] = probabilities[e] + front_quad(e / 4u)[e % 4u];
  }
  workgroupBarrier();
  if GROUPS > 1u {
    keep_groups(local);
  }
  for (var slot = 0u; slot < USED; slot++) {
    let expert = best_by_rank(local);
    if local == 0u {
      chosen[slot] = expert;
      ranks[expert] = LAST;
    }
    workgroupBarrier();
  }
  var scale = EXPERT_SCALE;
  if WEIGHTS_ADD_UP {
    var sum = 0.0;
    for (var slot = 0u; slot < USED; slot++) {
      sum += probabilities[chosen[slot]];
    }
    scale /= sum;
  }
  for (var slot = local; slot < USED; slot += WORKGROUP) {
    let expert = chosen[slot];
    scratch[CHOSEN_AT + token * CHOSEN_SLOTS + slot] = vec4u(expert, bitcast<u32>(probabilities[expert] * scale), 0u, 0u);
  }
  if HAS_SHARED && local == 0u {
    var weight = 1.0;
    if HAS_SHARED_GATE {
      weight = sigmoid(routed(token, EXPERTS));
    }
    scratch[CHOSEN_AT + token * CHOSEN_SLOTS + USED] = vec4u(0u, bitcast<u32>(weight), 0u, 0u);
  }
}
