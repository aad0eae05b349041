export { dequantise, isReadable, readableTypes } from './dequantise.ts';
export { halfAt, halfToNumber, numberToHalf } from './half.ts';
export { quantiseQ8_0, type RequantisationLoss } from './requantise.ts';
