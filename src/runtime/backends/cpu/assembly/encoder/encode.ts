import {
  ENCODER_POSITIONS,
  ENCODER_PROGRAM,
  ENCODER_RECORDS,
  ENCODER_SCRATCH,
  ENCODER_SCRATCH_STRIDE,
  ENCODER_SEQUENCES,
  STEP_ATTEND,
  STEP_BYTES,
  STEP_END,
  STEP_KIND,
  STEP_MULTIPLY,
  STEP_NORM,
  STEP_PREPARE,
  STEP_ROTATE,
} from '../../encoder-fields';
import { ENCODER, JOB_COUNT, JOB_POSITION, PLAN } from '../../plan-fields';
import { field } from '../plan';
import { barrier, isLost } from '../synchronise';
import { attendSequences } from './attend';
import { multiply } from './multiply';
import { normRows, prepareRows, rotateRows } from './rows';

// @ts-expect-error: decorator
@inline
function header(offset: i32): usize {
  return load<usize>(PLAN + ENCODER + offset);
}

/** Runs the program on JOB_COUNT tokens of JOB_POSITION sequences. */
export function encode(thread: i32): void {
  const count = field(JOB_COUNT);
  const records = header(ENCODER_RECORDS);
  const scratch = header(ENCODER_SCRATCH) + <usize>thread * header(ENCODER_SCRATCH_STRIDE);
  for (let step = header(ENCODER_PROGRAM); load<i32>(step + STEP_KIND) != STEP_END; step += STEP_BYTES) {
    const kind = load<i32>(step + STEP_KIND);
    if (kind == STEP_NORM) normRows(step, count, records, thread);
    else if (kind == STEP_PREPARE) prepareRows(step, count, records, thread);
    else if (kind == STEP_MULTIPLY) multiply(step, count, records, scratch);
    else if (kind == STEP_ROTATE) rotateRows(step, count, header(ENCODER_POSITIONS), thread);
    else if (kind == STEP_ATTEND) attendSequences(step, header(ENCODER_SEQUENCES), field(JOB_POSITION), scratch);
    barrier();
    if (isLost()) return;
  }
}
