/** 1 in builds for processors that multiply and add int8 in one instruction; scripts/build-wasm.mjs sets it. */
declare const FUSED_DOT: i32;
