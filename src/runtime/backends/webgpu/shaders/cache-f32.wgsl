// The KV cache in f32: four neighbouring values of a head lie together.
alias CacheQuad = vec4f;

fn cached_values(quad: CacheQuad) -> vec4f {
  return quad;
}

fn cache_quad(values: vec4f) -> CacheQuad {
  return values;
}
