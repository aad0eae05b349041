// Where the engine is: the position of the (first) token of a step, and how many tokens a chunk has.
struct State {
  position: u32,
  count: u32,
}
