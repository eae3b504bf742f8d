// Elements within elements within elements: for each that is open a browser's parser takes
// longer with all that follow, so a message of a million unclosed tags would hold it up for
// minutes. Nobody writes so, and browsers draw no more than 512 levels of it.

const deepest = 400;
const nests = /<(\/?)(?:div|span|font|b|i|u|s|em|strong|big|small|tt|code|nobr|sub|sup|center|blockquote|section|article|table|ul|ol|dl|fieldset|form|ins|del)(?=[\s/>])[^<>]*>/gi;

// shallow takes the tags that nest deeper out of HTML, and those that end them. What they are
// about stays.
export function shallow(html) {
  let depth = 0;
  return html.replace(nests, (tag, end) => {
    if (!end) return ++depth > deepest ? "" : tag;
    if (depth === 0) return tag;
    return depth-- > deepest ? "" : tag;
  });
}
