/**
 * The encoder's program: a list of steps of STEP_BYTES each, which all threads run one after the other. TypeScript writes it
 * once (encoder/encoder-plan.ts), AssemblyScript runs it (assembly/encoder/): this file is compiled by both. All fields are
 * 32 bits wide; offsets are bytes from the step. Rows of a buffer are tokens, `width` values apart unless said otherwise.
 */
export const STEP_BYTES = 64;
export const STEP_KIND = 0;

export const STEP_END = 0;
/** out = norm(x) * weight + bias; then records of out, if asked for. */
export const STEP_NORM = 1;
/** Records of x, for the next products. */
export const STEP_PREPARE = 2;
/** out (+)= activation(W records + bias), or activation(gate) * up. */
export const STEP_MULTIPLY = 3;
/** Queries and keys: norm of each head, then rotation. */
export const STEP_ROTATE = 4;
/** Attention of each sequence over itself. */
export const STEP_ATTEND = 5;

// Norm and prepare.
export const ROWS_X = 4;
export const ROWS_OUT = 8;
export const ROWS_WEIGHT = 12;
export const ROWS_BIAS = 16;
export const ROWS_WIDTH = 20;
export const ROWS_EPSILON = 24;
/** 1: the mean is taken off and the variance is that around it; 0: root mean square. */
export const ROWS_CENTRES = 28;
/** Which records are wanted: none, of 7 bits, or finer ones. Builds without relaxed SIMD make all of them fine. */
export const ROWS_PREPARES = 32;
export const PREPARES_NOTHING = 0;
export const PREPARES_COARSE = 1;
export const PREPARES_FINE = 2;
/** 1: out += instead of out =. */
export const ROWS_ADDS = 36;
/** Values of a row that count, where the rest up to `width` are zeros. */
export const ROWS_SIZE = 40;
/** The centre of 7-bit integers, as in the product. */
export const ROWS_CENTRE = 44;

// Multiply.
export const MULTIPLY_DATA = 4;
/** The gate's weight; 0 where there is none. */
export const MULTIPLY_GATE = 8;
/** Groups of 8 rows, the last one filled up with zeros. */
export const MULTIPLY_GROUPS = 12;
/** Input width in blocks of 32. */
export const MULTIPLY_BLOCKS = 16;
export const MULTIPLY_OUT = 20;
/** Values from one token's row of out to the next. */
export const MULTIPLY_WIDTH = 24;
export const MULTIPLY_BIAS = 28;
export const MULTIPLY_GATE_BIAS = 32;
export const MULTIPLY_ACTIVATION = 36;
export const MULTIPLY_ADDS = 40;
/** 1: records are fine. */
export const MULTIPLY_FINE = 44;
/** The integer that 7-bit activations are taken to lie around: the middle, or less where an activation function leaves most of them at the low end. */
export const MULTIPLY_CENTRE = 48;
export const CENTRE_EVEN = 64;
export const CENTRE_LOW = 40;

export const ACTIVATION_NONE = 0;
export const ACTIVATION_GELU = 1;
export const ACTIVATION_SILU = 2;

// Rotate. Rows are queries, keys and values side by side.
export const ROTATE_QKV = 4;
export const ROTATE_WIDTH = 8;
export const ROTATE_HEADS = 12;
export const ROTATE_KEY_HEADS = 16;
export const ROTATE_HEAD_SIZE = 20;
export const ROTATE_QUERY_NORM = 24;
export const ROTATE_KEY_NORM = 28;
export const ROTATE_EPSILON = 32;
/** f32 [context][2][dimensions]: cosines and signed sines; 0: no rotation. */
export const ROTATE_TABLE = 36;
export const ROTATE_DIMENSIONS = 40;

// Attend.
export const ATTEND_QKV = 4;
export const ATTEND_WIDTH = 8;
export const ATTEND_OUT = 12;
export const ATTEND_HEADS = 16;
export const ATTEND_KEY_HEADS = 20;
export const ATTEND_HEAD_SIZE = 24;
export const ATTEND_SCALE = 28;
/** Positions to either side that a token sees; 0: all. */
export const ATTEND_REACH = 32;

// Words of the encoder's header, from PLAN + ENCODER.
export const ENCODER_PROGRAM = 0;
export const ENCODER_RECORDS = 4;
/** i32 [sequences][2]: first token, tokens. */
export const ENCODER_SEQUENCES = 8;
/** i32 [tokens]: the place of each token in its sequence. */
export const ENCODER_POSITIONS = 12;
/** First thread's scratch and the bytes from one to the next. */
export const ENCODER_SCRATCH = 16;
export const ENCODER_SCRATCH_STRIDE = 20;

/** Tokens whose records lie interleaved. Buffers hold whole tiles; what stands past the last token is never read. */
export const RECORD_TOKENS = 4;
/** Bytes of 32 values of RECORD_TOKENS tokens in 16 bits, or in two planes; the tokens' steps stand behind all blocks. */
export const FINE_RECORD_BYTES = 256;
/** Bytes of 32 values of 8 rows of a weight: int8, then 8 scales, then 8 scaled sums of the integers. */
export const WEIGHT_BYTES = 320;
/** Bytes of the same in 16 bits, as a thread makes them for itself: integers, then 8 scales. */
export const FINE_BLOCK_BYTES = 544;
