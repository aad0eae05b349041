export { uploadWeights, type WeightUpload } from './upload-weights.ts';
export { type FormatLayout, formatLayout, formatOf, supportedTypes, type WeightFormat } from './weight-format.ts';
export { fuseRows, layoutOf, type MatrixLayout, type MatrixPart, type WeightMatrix } from './weight-matrix.ts';
