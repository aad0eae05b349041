/**
 * The part of the plan (plan-fields.ts) that is about the outline of the head, compiled by both languages too. Offsets are bytes
 * from PLAN, behind all others.
 */

/** HEAD in outline: its weights in four bits (assembly/outline.ts). Without data: none. */
export const OUTLINE = 1152;
/** f32 [VOCABULARY]: the length of what each row of HEAD differs by from its outline. */
export const OUTLINE_ERRORS = 1184;
/** f32 [groups of HEAD]: the greatest of those. */
export const OUTLINE_GROUP_ERRORS = 1188;
/** f32 [groups of HEAD]: the highest logit of each, as far as it is known. */
export const OUTLINE_PEAKS = 1192;
/** u8 [groups of HEAD]: 1 where a group's logits are exact. */
export const OUTLINE_MARKS = 1196;
/** u8 [groups of HEAD]: a bit for each row that is no candidate, and read in full whatever it is. */
export const OUTLINE_BESIDES = 1200;
/** Rows of HEAD, those left out that fill up its last group. */
export const OUTLINE_ROWS = 1204;
/** How many of the highest logits are to be named, at most MOST_LIKELIEST; 0: none. Of one token the others need not be exact. */
export const JOB_LIKELIEST = 1208;
/** Rows that are no candidates. */
export const JOB_BESIDES = 1212;
/** f32: root mean square of the activations that meet HEAD. */
export const OUTLINE_SPREAD = 1216;
/** Groups of HEAD that were read in full, of all threads together; on a cache line of its own. */
export const OUTLINE_READ = 1280;
/** Highest logits that can be asked for: they wait where sums of tiles do, a thread's own and those of all, behind the logits of two groups. */
export const MOST_LIKELIEST = 256;
/** Rows that a thread names of a token: those, and such as are equal to them. */
export const MOST_FOUND = 384;
/** Their number and they. */
export const FOUND_BYTES = 1540;
