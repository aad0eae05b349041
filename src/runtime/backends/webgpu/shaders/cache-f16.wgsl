// The KV cache in halves, two a word, which needs no feature of the device: four neighbouring values of a head lie together.
alias CacheQuad = vec2u;

fn cached_values(quad: CacheQuad) -> vec4f {
  return vec4f(unpack2x16float(quad.x), unpack2x16float(quad.y));
}

fn cache_quad(values: vec4f) -> CacheQuad {
  return vec2u(pack2x16float(values.xy), pack2x16float(values.zw));
}
