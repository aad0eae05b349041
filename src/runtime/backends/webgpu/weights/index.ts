export { partsIn, rowsOfOne, type UploadOptions, uploadWeights, type WeightUpload } from './upload-weights.ts';
export { formatLayout, formatOf, type WeightFormat } from './weight-format.ts';
export {
  fileRowBytes,
  frontOf,
  fuseRows,
  layoutOf,
  type MatrixPart,
  matrixBytes,
  type WeightMatrix,
} from './weight-matrix.ts';
