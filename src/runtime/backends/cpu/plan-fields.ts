/**
 * The plan: a table at a fixed place of WASM memory that tells the kernels what to run and where everything lies.
 * TypeScript writes it once (memory-plan.ts), AssemblyScript reads it: this file is compiled by both, so that a field
 * cannot mean two things. All fields are 32 bits wide; offsets are bytes from PLAN unless said otherwise.
 */

/** Address of the plan. Below it lies nothing, so that a null pointer never hits data. */
export const PLAN = 4096;

// Dimensions.
export const HIDDEN = 0;
export const LAYERS = 4;
/** Positions the KV cache can hold, a multiple of 32. */
export const CONTEXT = 8;
/** Threads that work on jobs; those above it rest. Changes between jobs only. */
export const THREADS = 12;
/** Rows of the logits buffer: the vocabulary rounded up to a multiple of 8. */
export const VOCABULARY = 16;
/** A NORM_ number: of what kind all norms of the model are. */
export const NORM = 20;
/** 1: attention and feed-forward read the same residual stream. */
export const PARALLEL = 24;
/** A CACHE_ number: how keys and values are held. */
export const CACHE_KIND = 28;

// Scales (f32).
export const EPSILON = 48;
export const EMBEDDING_SCALE = 52;
export const RESIDUAL_SCALE = 56;
export const LOGIT_SCALE = 60;
/** 0: none. */
export const LOGIT_CAP = 64;

// Addresses of buffers shared by all threads. `chunk` is the most tokens of one call.
/** i32 [chunk] */
export const TOKENS = 80;
/** [chunk] of row records: where each token stands. */
export const ROWS = 84;
/** f32 [chunk][HIDDEN]: the residual stream. */
export const X = 88;
/** f32 [chunk][(heads + 2 KV heads) * head size], of the layer at work; so are those below. */
export const QKV = 92;
/** f32 [chunk][heads * head size] */
export const ATTENTION = 96;
/** f32 [chunk][feed-forward] */
export const GATED = 100;
/**
 * f32 [chunk][max width]: normalised activations, for weights that stay in floating point; and, where a norm follows a
 * block, what the block adds.
 */
export const NORMALISED = 104;
/** f32 [chunk][layers][LAYER_INPUT_SIZE]: what each layer gets of a token besides the residual stream. */
export const LAYER_INPUTS = 432;
/** The same before it was normed: what the projection gives. */
export const LAYER_INPUTS_PROJECTED = 436;
/** 0: layers get nothing besides. */
export const LAYER_INPUT_SIZE = 440;
/** f32 [LAYER_INPUT_SIZE] */
export const LAYER_INPUTS_NORM = 444;
/** f32 [chunk][STREAM_COUNT][HIDDEN]: residual streams, where there are several. */
export const STREAMS = 448;
/** 0: there is one. */
export const STREAM_COUNT = 452;
/** Matrix records, one a stream but the first: what they begin and end with. */
export const STREAM_BEGIN = 456;
export const STREAM_END = 460;
/** f32 [chunk][feed-forward]: gates that wait for all others of their token. */
export const WAITING_GATES = 464;
/** [threads] of BALANCE_BYTES: how work is split, and how well that went. Without: evenly. */
export const BALANCE = 468;
/** Where a thread's share of anything begins, in 65,536ths. The first thread's begins at 0. */
export const BALANCE_START = 0;
/** Rounds that a thread spun for the others where each had its share of a large matrix. */
export const BALANCE_WAITED = 4;
/** A cache line each: every thread writes its own. */
export const BALANCE_BYTES = 64;
/** [chunk][max blocks] of EIGHT_BIT_RECORD */
export const EIGHT_BIT = 108;
/** [chunk][max blocks] of SIXTEEN_BIT_RECORD */
export const SIXTEEN_BIT = 112;
/** [chunk][max blocks] of TABLE_RECORD; nothing where no weights have one bit */
export const TABLES = 348;
/** [chunk][heads * head size], i16; f32 where keys and values are floats */
export const QUERY = 116;
/** f32 [chunk][heads] */
export const QUERY_SCALE = 120;
/** f32 [4][VOCABULARY] */
export const LOGITS = 124;
/** f32 [segments of CONTEXT][heads][head size]: unnormalised attention over one segment of the positions. */
export const PARTIAL = 128;
/** f32 [segments][heads][2]: that segment's greatest score and sum of exponentials. */
export const PARTIAL_STATS = 132;
/** f32 [most experts of a layer, to whole groups]: router values of one token. */
export const ROUTED = 188;
/** f32 [chunk][channels, gate, steps and strengths, each to whole groups]: what a recurrent layer's projections give. */
export const RECURRENT_IN = 336;
/** f32 [chunk][values of all heads] */
export const RECURRENT_OUT = 340;
/** Repacking reads from here. */
export const STAGING = 136;

/** First thread's private scratch, and the bytes from one thread's to the next. */
export const SCRATCH = 140;
export const SCRATCH_STRIDE = 144;
// Offsets inside a thread's scratch.
export const SCRATCH_NORMALISED = 148;
export const SCRATCH_EIGHT_BIT = 152;
export const SCRATCH_SIXTEEN_BIT = 156;
export const SCRATCH_TABLES = 352;
export const SCRATCH_QUERY = 160;
export const SCRATCH_QUERY_SCALE = 164;
export const SCRATCH_SCORES = 168;
export const SCRATCH_WEIGHTS = 172;
export const SCRATCH_ROWS = 176;
/** As PARTIAL and PARTIAL_STATS, for the heads of one KV head. */
export const SCRATCH_PARTIAL = 180;
export const SCRATCH_PARTIAL_STATS = 184;
/** f32 [most experts]: probabilities; then, for each chosen expert, i32 its number and f32 its weight; scores of groups before that. */
export const SCRATCH_CHOICE = 332;
/** See TILE_SUMS_BYTES. */
export const SCRATCH_TILE_SUMS = 344;
/** Of each token of a tile FOUND_BYTES, i32: how many rows of HEAD have the highest logits, or -1; then those rows, at most MOST_FOUND. */
export const SCRATCH_FOUND = 356;

// Weights outside the layers.
export const FINAL_NORM = 192;
/** 0: none. */
export const FINAL_NORM_BIAS = 196;
/** Matrix records (see below). */
export const EMBEDDING = 200;
export const HEAD = 232;
/** Without data: none. */
export const POSITION_EMBEDDING = 264;
/** Of what layers get besides the residual stream: a row a value. */
export const LAYER_INPUTS_MATRIX = 400;
/** Address of LAYERS layer records. */
export const LAYER_TABLE = 296;

// A matrix record: 8 rows of the weight make a group; `stride` bytes lie between groups.
export const MATRIX_KERNEL = 0;
/** 0: there is no such matrix. */
export const MATRIX_DATA = 4;
export const MATRIX_STRIDE = 8;
export const MATRIX_GROUPS = 12;
/** Input width in blocks of 32. */
export const MATRIX_BLOCKS = 16;
/** f32 [8 * groups], or 0. */
export const MATRIX_BIAS = 20;
/** Address of the first adapter record in use on this matrix, or 0. */
export const MATRIX_ADAPTER = 24;
export const MATRIX_BYTES = 32;

// A row record.
/** i32: position of the token in its text. */
export const ROW_POSITION = 0;
/** Address of the KV cache of its text. */
export const ROW_CACHE = 4;
export const ROW_BYTES = 8;

// An adapter record: out += scale * B (A x). A and B are matrix records in F16 or F32.
/** The next one in use on the same matrix, or 0. */
export const ADAPTER_NEXT = 0;
/** f32 */
export const ADAPTER_SCALE = 4;
/** f32 [most tokens or threads][columns of B]: A x, a row a token; where one token is computed, a row a thread. */
export const ADAPTER_LOW = 8;
export const ADAPTER_A = 16;
export const ADAPTER_B = 48;
export const ADAPTER_BYTES = 80;

// A layer record. Addresses of norm weights and biases: 0 where there is none.
export const LAYER_ATTENTION_NORM = 0;
export const LAYER_ATTENTION_NORM_BIAS = 4;
export const LAYER_ATTENTION_POST_NORM = 8;
export const LAYER_FEED_FORWARD_NORM = 12;
export const LAYER_FEED_FORWARD_NORM_BIAS = 16;
export const LAYER_FEED_FORWARD_POST_NORM = 20;
export const LAYER_QUERY_NORM = 24;
export const LAYER_KEY_NORM = 28;
/** A HEAD_NORM_ number. */
export const LAYER_HEAD_NORM = 32;
/** 1: queries and keys are normed after they were turned. */
export const LAYER_NORM_AFTER_ROPE = 36;
/** f32 [chunk][2][dimensions]: cosines, then signed sines; 0: this layer turns nothing. */
export const LAYER_ROPE = 40;
export const LAYER_ROPE_DIMENSIONS = 44;
/** 1: pairs (2i, 2i+1); 0: pairs (i, i + half). */
export const LAYER_ROPE_INTERLEAVED = 48;
/** Positions a query sees, its own included; more than there can be: all. */
export const LAYER_WINDOW = 52;
/** f32; 0: none. */
export const LAYER_SOFT_CAP = 56;
/** f32 */
export const LAYER_ATTENTION_SCALE = 60;
export const LAYER_HEADS = 64;
export const LAYER_KV_HEADS = 68;
export const LAYER_HEAD_SIZE = 72;
export const LAYER_FEED_FORWARD = 76;
/** An ACTIVATION_ number. */
export const LAYER_ACTIVATION = 80;
/** Offsets in the KV cache of a text. Of the CACHE_KIND, see kernels/attend.ts and attend-float.ts for the layouts. */
export const LAYER_KEYS = 84;
export const LAYER_VALUES = 88;
/** The same, f32 [KV heads][CONTEXT], for int8 only. */
export const LAYER_KEY_SCALES = 92;
export const LAYER_VALUE_SCALES = 96;
/** A MIXER_ number: what stands where attention stands. A convolution's input is in the place of the queries. */
export const LAYER_MIXER = 100;
export const LAYER_ATTENTION_INNER_NORM = 104;
export const LAYER_FEED_FORWARD_INNER_NORM = 108;
export const LAYER_CONVOLUTION_LENGTH = 112;
/** f32 [HIDDEN][length] */
export const LAYER_TAPS = 116;
/** f32 [CONVOLUTION_RING][HIDDEN]: what a convolution reads, position p at p modulo the ring. */
export const LAYER_RING = 120;
/** f32 [CONTEXT / CHECKPOINT_TOKENS + 1][length - 1][HIDDEN]: what stood before each such position. */
export const LAYER_CHECKPOINTS = 124;
export const LAYER_QUERY_MATRIX = 128;
export const LAYER_KEY_MATRIX = 160;
export const LAYER_VALUE_MATRIX = 192;
export const LAYER_OUTPUT_MATRIX = 224;
export const LAYER_GATE_MATRIX = 256;
export const LAYER_UP_MATRIX = 288;
export const LAYER_DOWN_MATRIX = 320;
export const LAYER_ROUTER_MATRIX = 352;
/** Experts of the layer; 0: it has one feed-forward block. The block that all tokens share is in that block's place. */
export const LAYER_EXPERTS = 384;
/** How many of them a token gets. */
export const LAYER_EXPERTS_USED = 388;
/** Three matrix records an expert: gate, up, down. */
export const LAYER_EXPERT_TABLE = 392;
export const LAYER_EXPERT_WIDTH = 396;
/** 1: probabilities by sigmoid; 0: by softmax. */
export const LAYER_EXPERT_SIGMOID = 400;
/** 1: the weights of the chosen add up to 1. */
export const LAYER_EXPERT_NORMALISED = 404;
/** f32 */
export const LAYER_EXPERT_SCALE = 408;
/** f32 [experts], or 0. */
export const LAYER_SELECTION_BIAS = 412;
/** f32 [HIDDEN], or 0. */
export const LAYER_SHARED_GATE = 416;
/** Address of a recurrent record, or 0. */
export const LAYER_RECURRENT = 420;
/** Multiplies by its sigmoid what the heads gathered; without data: nothing does. */
export const LAYER_OUTPUT_GATE_MATRIX = 448;
/** f32 [head size] of ones: each head's values are normalised; 0: they stay as they are. */
export const LAYER_VALUE_NORM = 480;
/** The matrices by which the layer uses its input, and an ACTIVATION_ number between them. */
export const LAYER_INPUT_GATE_MATRIX = 512;
export const LAYER_INPUT_OUTPUT_MATRIX = 544;
export const LAYER_INPUT_POST_NORM = 576;
export const LAYER_INPUT_ACTIVATION = 580;
/** f32 [8], of which the first is the factor on the residual stream as the layer leaves it; 0: none. */
export const LAYER_OUTPUT_SCALE = 584;
/** Weights of the norms that router, experts and their results have of their own; 0: they have none. */
export const LAYER_ROUTER_NORM = 588;
export const LAYER_EXPERT_NORM = 592;
export const LAYER_EXPERT_POST_NORM = 596;
export const LAYER_SHARED_POST_NORM = 600;
/** f32 [experts]: factors on what they give; 0: none. */
export const LAYER_EXPERT_SCALES = 604;
/** f32 [heads]: scores that take part in the softmax and have no values; 0: none. */
export const LAYER_SINKS = 608;
/** Groups of experts, and how many of them a token's come from; 0: there are none. */
export const LAYER_EXPERT_GROUPS = 612;
export const LAYER_EXPERT_GROUPS_USED = 616;
/** f32: only gates so many deviations above the mean count; 0: all do. */
export const LAYER_CUTOFF = 620;
/** The branch beside attention; without data: none. */
export const LAYER_LOW_RANK_NORM = 624;
export const LAYER_LOW_RANK_DOWN_MATRIX = 672;
export const LAYER_LOW_RANK_UP_MATRIX = 704;
/** f32; see LayerStreamsSpec. */
export const LAYER_STREAM_ROUTER_NORM = 628;
export const LAYER_STREAM_ROUTER = 632;
export const LAYER_STREAM_PREDICT = 636;
export const LAYER_STREAM_CORRECT = 640;
export const LAYER_STREAM_SCALE = 644;
export const LAYER_BYTES = 768;

// A recurrent record; see RecurrentSpec for the formulas.
/** A RULE_ number. */
export const RECURRENT_RULE = 0;
export const RECURRENT_HEADS = 4;
export const RECURRENT_HEAD_SIZE = 8;
export const RECURRENT_STATE_SIZE = 12;
export const RECURRENT_GROUPS = 16;
export const RECURRENT_CONVOLUTION_LENGTH = 20;
/** f32 [channels][length] */
export const RECURRENT_TAPS = 24;
/** f32 [channels], or 0. */
export const RECURRENT_CONVOLUTION_BIAS = 28;
/** f32 [heads] each (the decay of RULE_SELECTIVE: [heads][state size]); the last may be 0. */
export const RECURRENT_DECAY = 32;
export const RECURRENT_STEP_BIAS = 36;
export const RECURRENT_SKIP = 40;
/** Weights of the norm, or 0; values it spans; bytes from one span's weights to the next one's. */
export const RECURRENT_NORM = 44;
export const RECURRENT_NORM_WIDTH = 48;
export const RECURRENT_NORM_STEP = 52;
/** f32 [2][length - 1][channels]: what the convolution read last, oldest first, and room to renew it. */
export const RECURRENT_PAST = 56;
/** f32 [heads][head size][state size] */
export const RECURRENT_STATE = 60;
/** Offsets in a row of RECURRENT_IN, and its bytes. */
export const RECURRENT_GATE_OFFSET = 64;
export const RECURRENT_STEPS_OFFSET = 68;
export const RECURRENT_STRENGTHS_OFFSET = 72;
export const RECURRENT_ROW_BYTES = 76;
export const RECURRENT_PARAMETERS_OFFSET = 80;
/** RULE_SELECTIVE: values of t, and f32 [heads][rank] by which they become steps. */
export const RECURRENT_RANK = 84;
export const RECURRENT_STEP_WEIGHTS = 88;
export const RECURRENT_CHANNELS_MATRIX = 96;
export const RECURRENT_GATE_MATRIX = 128;
/** Without data, here and below: none. */
export const RECURRENT_STEPS_MATRIX = 160;
export const RECURRENT_STRENGTHS_MATRIX = 192;
export const RECURRENT_OUTPUT_MATRIX = 224;
/** Gives t, B and C of the convolved channels. */
export const RECURRENT_PARAMETERS_MATRIX = 256;
/** Weights of the norms of t, B and C, each to a whole four; 0: they are not normed. */
export const RECURRENT_T_NORM = 288;
export const RECURRENT_B_NORM = 292;
export const RECURRENT_C_NORM = 296;
export const RECURRENT_BYTES = 320;

export const RULE_SCAN = 0;
export const RULE_DELTA = 1;
export const RULE_SELECTIVE = 2;

export const EXPERT_GATE_MATRIX = 0;
export const EXPERT_UP_MATRIX = 32;
export const EXPERT_DOWN_MATRIX = 64;
export const EXPERT_BYTES = 96;

// What a layer mixes positions with.
export const MIXER_ATTENTION = 0;
export const MIXER_CONVOLUTION = 1;
/** Only what the layer's recurrent record says. */
export const MIXER_RECURRENT = 2;

/** Positions a convolution's ring holds: those of the longest chunk and as many before it. */
export const CONVOLUTION_RING = 128;
export const CHECKPOINT_TOKENS = 64;

// How keys and values are held.
export const CACHE_INT8 = 0;
export const CACHE_FLOAT16 = 1;
export const CACHE_FLOAT32 = 2;

// Kinds of norm.
export const NORM_RMS = 0;
export const NORM_LAYER = 1;

/** How queries and keys are normed: not, a head at a time with one weight for all or one a head, all heads as one row. */
export const HEAD_NORM_NONE = 0;
export const HEAD_NORM_SHARED = 1;
export const HEAD_NORM_EACH = 2;
export const HEAD_NORM_ROW = 3;

// Activations of the feed-forward block.
export const ACTIVATION_SILU = 0;
export const ACTIVATION_GELU = 1;
export const ACTIVATION_RELU = 2;
export const ACTIVATION_RELU_SQUARED = 3;
export const ACTIVATION_CLAMPED = 4;

// The job of one call.
export const JOB_KIND = 512;
export const JOB_COUNT = 516;
export const JOB_POSITION = 520;
/** Index in the chunk of the first token whose logits are wanted. */
export const JOB_HEAD_FIRST = 524;
/** Tokens whose logits are wanted: 0 to 4. */
export const JOB_HEAD_COUNT = 528;

// Words that threads write, each on its own cache line so that spinning on one does not slow the others.
export const BARRIER_COUNT = 576;
export const BARRIER_GENERATION = 640;
export const JOB_GENERATION = 704;
/** The last job before THREADS changed: who rested has nothing to do with it or those before. */
export const RESUME_GENERATION = 708;
export const SLEEPERS = 768;
/** Counts waits so long that a thread went to sleep in the middle of a job: the machine is busy with something else. */
export const LATE_WAITS = 772;
export const PARKED = 832;
export const NEXT_ITEM = 896;
/** Not 0: the call failed (a FAULT_ code). */
export const FAULT = 960;
/** Threads that entered their loop; the driver counts itself. */
export const PRESENT = 1024;
/** The encoder's header (encoder-fields.ts), where the engine holds an encoder. */
export const ENCODER = 1088;
/** With what stands in outline-fields.ts. */
export const PLAN_BYTES = 1344;

// Job kinds.
export const JOB_FORWARD = 1;
export const JOB_HEAD = 2;
export const JOB_EXIT = 3;
/** An encoder's program on JOB_COUNT tokens of JOB_POSITION sequences. */
export const JOB_ENCODE = 4;

// Faults.
export const FAULT_THREAD_LOST = 1;
export const FAULT_NOT_FINITE = 2;

// Block types by their ids in a file: what repacking reads, and (where kernels/table.ts has one) the kernel that computes.
export const TYPE_F32 = 0;
export const TYPE_F16 = 1;
export const TYPE_Q4_0 = 2;
export const TYPE_Q4_1 = 3;
export const TYPE_Q5_0 = 6;
export const TYPE_Q5_1 = 7;
export const TYPE_Q8_0 = 8;
export const TYPE_Q2_K = 10;
export const TYPE_Q3_K = 11;
export const TYPE_Q4_K = 12;
export const TYPE_Q5_K = 13;
export const TYPE_Q6_K = 14;
export const TYPE_IQ4_NL = 20;
export const TYPE_IQ4_XS = 23;
export const TYPE_BF16 = 30;
export const TYPE_TQ1_0 = 34;
export const TYPE_TQ2_0 = 35;
export const TYPE_MXFP4 = 39;
export const TYPE_Q1_0 = 41;

/**
 * Bytes of 32 activations as int8, then the fields below, 32 bits wide. One cache line: a chunk of tokens stays in the
 * second-level cache while all rows of a matrix meet it.
 */
export const EIGHT_BIT_RECORD = 64;
/** The integer scales of both halves, as f32. */
export const EIGHT_BIT_FACTORS = 32;
/** f32: the step with the bias for half-float scales, the sum with its bias (see assembly/math.ts), and the bare step. */
export const EIGHT_BIT_BIASED_STEP = 40;
export const EIGHT_BIT_SUM = 44;
export const EIGHT_BIT_STEP = 48;
/** The integer scales once more, as i16. */
export const EIGHT_BIT_INTEGER_FACTORS = 52;
/** Sums of both halves before their scales, i16: of the first two values of every word, and of the last two. */
export const EIGHT_BIT_PAIR_SUMS = 56;
/**
 * Bytes of 32 activations as int16, then the fields below, f32 but for one. 16 pairs; where dots are fused their upper bytes and then
 * their lower ones, signed both.
 */
export const SIXTEEN_BIT_RECORD = 96;
export const SIXTEEN_BIT_LOW_PLANE = 32;
/** The greatest of them: its upper byte, with what a negative lower one takes from it, is still a signed byte. */
export const SIXTEEN_BIT_LEVELS = 32_639;
/** As in the int8 record. */
export const SIXTEEN_BIT_BIASED_STEP = 64;
export const SIXTEEN_BIT_SUM = 68;
export const SIXTEEN_BIT_STEP = 72;
/** i32: their sum times what assembly/kernels/byte-offset.ts adds to weights. */
export const SIXTEEN_BIT_OFFSET_SUM = 76;
/** What the values of each half add up to. */
export const SIXTEEN_BIT_HALF_SUMS = 80;

/** Bytes of 32 activations as tables of signed sums: TABLE_GROUP bytes for every four, then f32 their step. */
export const TABLE_RECORD = 272;
export const TABLE_GROUP = 32;
export const TABLE_STEP = 256;
/** Steps of the greatest value of a block. */
export const TABLE_LEVELS = 123;

/** Groups that eight tokens meet while some blocks of them stay in the first-level cache. */
export const TILE_GROUPS = 8;
/** Groups that a tile of tokens meets while 128 values of their activations stay in the first-level cache, where weights are signs. */
export const SIGN_GROUPS = 16;
/** Tokens a GEMM kernel takes at once. */
export const TILE_TOKENS = 4;
/** What tiles add up to, more than registers hold: at most (signs) f32 [SIGN_GROUPS][4 tokens][8 rows] and 512 bytes of integers. */
export const TILE_SUMS_BYTES = 2560;
/** Where a kernel that is called without a plan, alone, keeps them: below the plan. */
export const TILE_SUMS = PLAN - TILE_SUMS_BYTES;
/** Positions an attention block spans. */
export const ATTENTION_BLOCK = 32;
/**
 * Positions whose attention is computed apart and joined afterwards, in this order whoever computed it: so logits are the
 * same to the last bit on any number of threads, and whether a text was read as a prompt or written token by token.
 */
export const ATTENTION_SEGMENT = 128;
