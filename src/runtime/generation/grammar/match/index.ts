export { createGrammars, type Grammars } from './grammars.ts';
