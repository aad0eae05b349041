/** What few requests need, loaded when one of them does, or when a model is: afterwards a page may have no network. */
export const loadRequestExtras = () => import('./request-extras.ts');
