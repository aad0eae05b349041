export { moderate } from './moderate.ts';
export { recommendItems } from './recommend.ts';
export { checkRules, toRules } from './rules.ts';
export { answerFrom, type Passage, searchPassages, toDocuments } from './search.ts';
export { verifyClaims } from './verify.ts';
export { screen, type WarningSign, warningSigns } from './warning-signs.ts';
