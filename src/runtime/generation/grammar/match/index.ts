export { createGrammars, type Grammars, type MaskOptions } from './grammars.ts';
