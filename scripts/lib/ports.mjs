/** Where end-to-end tests serve the product: not 4173, so that a running `npm start` is neither tested nor disturbed. */
export const E2E_PORT = 4273;
