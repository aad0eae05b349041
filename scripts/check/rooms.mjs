/**
 * True for the index.ts that is the door of a folder of TypeScript. AssemblyScript's is the root of a WASM module.
 * @param {string} path
 */
export const isRoomDoor = (path) => /^src\/.*\/index\.ts$/.test(path) && !path.includes('/assembly/');
