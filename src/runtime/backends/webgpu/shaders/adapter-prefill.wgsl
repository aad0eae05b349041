// Of the tokens that a thread owns. The loop over its products is the inner one and has constant bounds: they stay in
// registers, and B is read once for all of them.
fn add_adapters(first_token: u32, row: u32) {
  let part = part_of(row);
  for (var i = 0u; i < active_quads(); i++) {
    let ranks = ranks_of(i, row);
    for (var t = 0u; t < TOKENS_A_THREAD; t++) {
      products[t] += ranks * low_of(i, first_token + t, part);
    }
  }
}
