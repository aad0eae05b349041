/**
 * Bytes of tokens → text, whole characters only. A character often spans several tokens; its first bytes wait here
 * until the rest has come. Sequences joined by U+200D may still arrive in parts: each part is a character.
 */
export class StreamingDetokenizer {
  // `ignoreBOM` keeps U+FEFF: what the model wrote is not a file.
  #decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** Takes the bytes of the next token and returns the text that is now complete. Bytes that cannot be UTF-8 become U+FFFD. */
  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** Ends the text: an unfinished character becomes U+FFFD. */
  flush(): string {
    return this.#decoder.decode();
  }
}
