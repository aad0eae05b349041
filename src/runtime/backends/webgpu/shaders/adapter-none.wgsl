// A matrix without adapters.
fn adapted(row: u32) -> vec4f {
  return vec4f();
}

fn add_adapters(first_token: u32, row: u32) {}
