export { FileButton } from './file-button.tsx';
export { saveBlob, saveFile } from './save-file.ts';
export { viewInAddress } from './view-in-address.ts';
