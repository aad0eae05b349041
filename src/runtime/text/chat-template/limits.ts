/** What a chat template may use. Real templates stay far below; a hostile one is stopped before it hurts. */
export const TEMPLATE_LIMITS = {
  /** Characters of template source. The largest published templates have about 20,000. */
  sourceLength: 200_000,
  /**
   * Evaluated nodes of the program, list items and thousands of characters handed on by them: a measure of time that
   * does not depend on the machine. Published templates take about 50 a message.
   */
  steps: 100_000,
  /** What each message of the conversation adds to `steps`. */
  stepsPerMessage: 1_000,
  /** Items of one `range()`. */
  rangeLength: 100_000,
  /** Characters of any one text a template makes, its output included, beyond what the messages hold. */
  textLength: 1_000_000,
} as const;
