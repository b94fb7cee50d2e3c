/** The nonce that the policy of this page asks of every style sheet a script adds. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

declare global {
  var __webpack_nonce__: string;
}
// Where get-nonce, by which dialogs lock the page's scrolling, looks for it.
globalThis.__webpack_nonce__ = nonce;
