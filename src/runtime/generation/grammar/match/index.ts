export { createGrammars, type ExtraTokens, type Grammars } from './grammars.ts';
