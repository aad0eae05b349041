/** How a decode kernel deals a matrix out to threads. */
export interface MatvecTuning {
  /** Units of 8 values that a thread takes at once: 1, 2 or 4. */
  readonly unitsALoad: 1 | 2 | 4;
  readonly threadsARow: number;
  readonly rowGroups: number;
  readonly rowsAThread: number;
}

/** How a prefill kernel cuts its result into tiles. */
export interface GemmTuning {
  readonly tileTokens: number;
  readonly tileRows: number;
  readonly tokensAThread: number;
}

/** What a matrix does in a layer. */
export type MatrixRole = 'qkv' | 'output' | 'gateUp' | 'down' | 'head';

const tuning = (unitsALoad: 1 | 2 | 4, threadsARow: number, rowGroups: number, rowsAThread: number): MatvecTuning => ({
  unitsALoad,
  threadsARow,
  rowGroups,
  rowsAThread,
});

/** Measured on one H200 in Chromium for hidden sizes 576 and 1536; the larger one stands for all others. */
const SMALL: Readonly<Record<MatrixRole, MatvecTuning>> = {
  qkv: tuning(1, 72, 2, 1),
  output: tuning(1, 72, 2, 1),
  gateUp: tuning(1, 72, 2, 1),
  down: tuning(2, 48, 4, 1),
  head: tuning(1, 18, 8, 4),
};
const LARGE: Readonly<Record<MatrixRole, MatvecTuning>> = {
  qkv: tuning(1, 32, 8, 2),
  output: tuning(1, 32, 4, 2),
  gateUp: tuning(1, 32, 4, 4),
  down: tuning(4, 64, 4, 4),
  head: tuning(4, 32, 4, 4),
};

/** Any tuning computes the same; this one is fast for the shape. */
export function matvecTuning(role: MatrixRole, hiddenSize: number): MatvecTuning {
  return (hiddenSize <= 768 ? SMALL : LARGE)[role];
}

/** The tile fills the 16,384 bytes of workgroup memory that every device has; narrow results take a smaller one. */
export function gemmTuning(role: MatrixRole): GemmTuning {
  return role === 'output' || role === 'down'
    ? { tileTokens: 32, tileRows: 64, tokensAThread: 4 }
    : { tileTokens: 64, tileRows: 64, tokensAThread: 8 };
}
