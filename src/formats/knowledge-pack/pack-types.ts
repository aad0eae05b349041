/** A document that the pack was made from. */
export interface PackDocument {
  readonly id: string;
  readonly title: string;
  /** Where people read it, absolute http(s); null: nowhere. */
  readonly url: string | null;
}

/** A passage: the document it is from, by its place in the list, and what a citation needs. */
export interface PackPassage {
  readonly document: number;
  readonly text: string;
  readonly page: number | null;
  readonly headings: readonly string[];
}

/** What the header says. */
export interface PackHeader {
  readonly packVersion: 1;
  readonly name: string;
  /** Chosen by whoever made it; a newer text, a newer pack. */
  readonly version: string;
  /** The encoder of the vectors, by its id in the catalogue; null: the pack is searched by words only. */
  readonly model: string | null;
  readonly dimensions: number;
  readonly documents: readonly PackDocument[];
  /** Bytes of the passages' JSON. */
  readonly passageBytes: number;
  readonly passages: number;
  /** SHA-256 of everything behind the header. */
  readonly bodySha256: string;
  readonly signature?: PackSignature;
}

export interface PackSignature {
  readonly algorithm: 'Ed25519';
  readonly publicKey: string;
  readonly value: string;
}

export interface KnowledgePackFile {
  readonly header: PackHeader;
  /** The header as it stood in the file, for whoever verifies its signature. */
  readonly rawHeader: Readonly<Record<string, unknown>>;
  readonly passages: readonly PackPassage[];
  /** Unit vectors, passages × dimensions; null where there are none. */
  readonly vectors: Float32Array | null;
}

export const PACK_MAGIC = 'SOTTOKP1';
