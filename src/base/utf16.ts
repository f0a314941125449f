/**
 * Whether a text that was decoded as UTF-8 is UTF-16, as some shells and editors write it: its mark is no UTF-8, and
 * without one every other byte of plain letters is 0.
 */
export const isUtf16 = (text: string): boolean => /^(?:\uFFFD\uFFFD|.?\0)/.test(text);

export const UTF_16 = 'the text is UTF-16, not UTF-8';
export const AS_UTF_8 = 'save it as UTF-8';
