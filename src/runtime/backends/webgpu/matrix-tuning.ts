/** How a decode kernel deals a matrix out to threads. */
export interface MatvecTuning {
  /** A thread takes whole blocks of 32 at a time, or a half, or a quarter. */
  readonly parts: 1 | 2 | 4;
  /** Threads that share a row. */
  readonly lanes: number;
  /** Groups of lanes in a workgroup; with `rowsAThread` eights of rows, because gate and up alternate. */
  readonly rowGroups: number;
  readonly rowsAThread: number;
}

/** How a prefill kernel cuts its result into tiles. */
export interface GemmTuning {
  readonly tileTokens: number;
  readonly tileRows: number;
  readonly tokensAThread: 4 | 8;
}

/** What a matrix does in a layer. */
export type MatrixRole = 'qkv' | 'output' | 'gateUp' | 'down' | 'head';

const tuning = (parts: 1 | 2 | 4, lanes: number, rowGroups: number, rowsAThread: number): MatvecTuning => ({
  parts,
  lanes,
  rowGroups,
  rowsAThread,
});

/** Found by search on one H100 in Chromium: for a hidden size of 576, and for 1,536, which stands for all larger ones. */
const SMALL: Readonly<Record<MatrixRole, MatvecTuning>> = {
  qkv: tuning(4, 72, 2, 2),
  output: tuning(1, 18, 8, 1),
  gateUp: tuning(4, 72, 2, 4),
  down: tuning(1, 48, 2, 2),
  head: tuning(2, 6, 4, 8),
};
const LARGE: Readonly<Record<MatrixRole, MatvecTuning>> = {
  qkv: tuning(4, 64, 2, 2),
  output: tuning(1, 48, 4, 4),
  gateUp: tuning(2, 16, 8, 8),
  down: tuning(4, 128, 2, 2),
  head: tuning(2, 16, 8, 8),
};

/** Any tuning computes the same; this one is fast for a matrix of `columns` inputs. */
export function matvecTuning(role: MatrixRole, columns: number): MatvecTuning {
  const isSmall = columns <= (role === 'down' ? 3072 : 1024);
  const { parts, lanes, rowGroups, rowsAThread } = (isSmall ? SMALL : LARGE)[role];
  return { parts, lanes: Math.min(lanes, Math.ceil(columns / 32) * parts), rowGroups, rowsAThread };
}

/** The tile fills the 16,384 bytes of workgroup memory that every device has; narrow results take a smaller one. */
export function gemmTuning(role: MatrixRole): GemmTuning {
  return role === 'output' || role === 'down'
    ? { tileTokens: 32, tileRows: 64, tokensAThread: 4 }
    : { tileTokens: 64, tileRows: 64, tokensAThread: 8 };
}
