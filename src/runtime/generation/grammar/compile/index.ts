export { compileGrammar } from './compile-grammar.ts';
