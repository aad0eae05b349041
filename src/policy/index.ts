export { checkPolicy, type PolicyProblem } from './check-policy.ts';
export { isAmong } from './origins.ts';
export { type Ability, isPermitted, permit, permitModel } from './permit.ts';
export { CLOSED_POLICY, type Feature, OPEN_POLICY, type Policy } from './policy.ts';
export { POLICY_BYTES_LIMIT, placeOf, readPolicy } from './read-policy.ts';
export { isSignedBy, type Signature, signedText } from './signature.ts';
