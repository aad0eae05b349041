/** What is known of a record without reading its value; a codec may bind it to the value. */
export interface RecordHeader {
  readonly kind: string;
  readonly id: string;
  /** What the record belongs to: a message to its chat, a chunk to its document; '' for none. */
  readonly parent: string;
  /** Version of the value's shape. */
  readonly version: number;
  /** Counts all writes of this database: order without a clock. */
  readonly sequence: number;
}

/** How values lie on disk. */
export interface RecordCodec {
  /** Value → what is stored. Never called inside a transaction: it may take its time. */
  seal(header: RecordHeader, value: unknown): Promise<unknown>;
  /** What is stored → value. Rejects with a coded error for what was changed, moved or belongs to a locked vault. */
  open(header: RecordHeader, body: unknown): Promise<unknown>;
}

/** Values as they are. */
export const PLAIN_CODEC: RecordCodec = {
  seal: async (_header, value) => value,
  open: async (_header, body) => body,
};
