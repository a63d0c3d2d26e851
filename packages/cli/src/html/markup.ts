/** HTML and SVG as text that is always escaped: what a group's members wrote is never markup. */

declare const brand: unique symbol
export type Markup = string & { readonly [brand]: 'Markup' }

type Attributes = Readonly<Record<string, string | number | undefined>>

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (value: string): string =>
  value
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no place for them
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"']/g, character => ENTITIES[character]!)

export const text = (value: string): Markup => escaped(value) as Markup

/** Trusted: written here, never read from memory. */
export const raw = (value: string): Markup => value as Markup

export function element(
  name: string,
  attributes: Attributes,
  content: string | readonly Markup[] = [],
): Markup {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('')
  const inside = typeof content === 'string' ? escaped(content) : content.join('')
  return `<${name}${written}>${inside}</${name}>` as Markup
}
