export { clausesOf } from './clauses.ts';
export { type JudgedReview, reviewsOf, reviewsReport } from './reviews.ts';
