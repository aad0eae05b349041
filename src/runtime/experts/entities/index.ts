export { evaluateNames, findNames } from './find-names.ts';
export { trainEntities } from './train-entities.ts';
