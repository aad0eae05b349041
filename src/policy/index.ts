export { checkPolicy, type PolicyProblem } from './check-policy.ts';
export { isAmong } from './origins.ts';
export { permit, permitModel } from './permit.ts';
export { type Feature, OPEN_POLICY, type Policy } from './policy.ts';
export { POLICY_BYTES_LIMIT, placeOf, readPolicy } from './read-policy.ts';
export { isSignedBy, type Signature, signedText } from './signature.ts';
